/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.network.Values.Slice;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Makes a layer that has a copy of another one's first parameter train as if it were that: the original gets the sum of both gradients and
 * the copy none; after the step the copy is made again. So the step, its norm and the optimizer's memory are those of one array.
 *
 * <p>Deeplearning4j gives every layer a part of the parameter vector that no other has, and its updaters and files take the
 * layers' parts one after the other: an array of two layers has no place there.
 */
public final class TiedLayers extends BaseTrainingListener implements TiesParameters {

    private final String original;
    private final String copy;
    private final String key;

    /**
     * Of two layers of a graph.
     *
     * @param original the layer of what trains
     * @param copy the layer of its copy
     * @param key of the parameter, which is the first in both layers and has the same order in memory
     */
    public TiedLayers(String original, String copy, String key) {
        this.original = original;
        this.copy = copy;
        this.key = key;
    }

    @Override
    public String original() {
        return original;
    }

    @Override
    public String copy() {
        return copy;
    }

    @Override
    public Tie tie(ComputationGraph graph) {
        return new Tie(slice(graph, original), slice(graph, copy));
    }

    private Slice slice(ComputationGraph graph, String layer) {
        INDArray parameter = parameter(graph, layer);
        return new Slice(parameter.offset(), parameter.length());
    }

    @Override
    public void onGradientCalculation(Model model) {
        INDArray ofCopy = gradient(model, copy);
        gradient(model, original).addi(ofCopy);
        ofCopy.assign(0);
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        copy(model);
    }

    /** Makes the copy again. */
    public void copy(Model graph) {
        parameter(graph, copy).assign(parameter(graph, original));
    }

    private INDArray parameter(Model model, String layer) {
        Layer of = ((ComputationGraph) model).getLayer(layer);
        return first(of.params(), of);
    }

    private INDArray gradient(Model model, String layer) {
        Layer of = ((ComputationGraph) model).getLayer(layer);
        return first(of.getGradientsViewArray(), of);
    }

    private INDArray first(INDArray ofLayer, Layer layer) {
        long length = layer.getParam(key).length();
        INDArray flat = ofLayer.reshape(new long[] {ofLayer.length()});
        return flat.get(NDArrayIndex.interval(0, length));
    }
}
