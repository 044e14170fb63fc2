/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.network.TiesParameters;
import org.amend4j.network.Values.Slice;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Makes a head that has a copy of the table train as if it were the table: the table gets the sum of both gradients and the head none;
 * after the step the head is copied again. So the table's step, its norm and its optimizer's memory are those of one array.
 *
 * <p>Deeplearning4j gives every layer a part of the parameter vector that no other has, and its updaters and files take the
 * layers' parts one after the other: an array of two layers has no place there.
 */
final class TiedHead extends BaseTrainingListener implements TiesParameters {

    private final TiedTable table;

    TiedHead(TiedTable table) {
        this.table = table;
    }

    @Override
    public Tie tie(ComputationGraph graph) {
        return new Tie(slice(graph, table.embedding()), slice(graph, table.head()));
    }

    private static Slice slice(ComputationGraph graph, String layer) {
        INDArray weight = weight(graph, layer);
        return new Slice(weight.offset(), weight.length());
    }

    @Override
    public void onGradientCalculation(Model model) {
        INDArray ofHead = gradient(model, table.head());
        gradient(model, table.embedding()).addi(ofHead);
        ofHead.assign(0);
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        weight(model, table.head()).assign(weight(model, table.embedding()));
    }

    private static INDArray weight(Model model, String layer) {
        Layer of = ((ComputationGraph) model).getLayer(layer);
        return first(of.params(), of);
    }

    private static INDArray gradient(Model model, String layer) {
        Layer of = ((ComputationGraph) model).getLayer(layer);
        return first(of.getGradientsViewArray(), of);
    }

    /** Both come first in their layers, in one order: the table is [vocabulary, d], the head [d, vocabulary] in Fortran order. */
    private static INDArray first(INDArray ofLayer, Layer layer) {
        long length = layer.getParam(LanguageModelHead.WEIGHT).length();
        INDArray flat = ofLayer.reshape(new long[] {ofLayer.length()});
        return flat.get(NDArrayIndex.interval(0, length));
    }
}
