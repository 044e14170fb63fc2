/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Cuts a layer's part of the parameter vector into the arrays that the layer names, in its order. */
final class NamedParameters implements ParamInitializer {

    static final NamedParameters INSTANCE = new NamedParameters();

    private NamedParameters() {}

    private static NamedLayer named(Layer layer) {
        return (NamedLayer) layer;
    }

    private static Map<String, INDArray> cut(NamedLayer of, INDArray view) {
        INDArray flat = view.reshape(new long[] {view.length()});
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long from = 0;
        for (Map.Entry<String, long[]> entry : of.shapes().entrySet()) {
            long to = from + length(entry.getValue());
            parts.put(
                    entry.getKey(),
                    flat.get(NDArrayIndex.interval(from, to)).reshape(of.order(entry.getKey()), entry.getValue()));
            from = to;
        }
        return parts;
    }

    private static long length(long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        return length;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        NamedLayer of = named(conf.getLayer());
        Map<String, INDArray> parameters = cut(of, view);
        parameters.keySet().forEach(conf::addVariable);
        if (initialize) {
            parameters.forEach(of::start);
        }
        return parameters;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return cut(named(conf.getLayer()), view);
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return named(layer).shapes().values().stream()
                .mapToLong(NamedParameters::length)
                .sum();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.copyOf(named(layer).shapes().keySet());
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return paramKeys(layer).stream().filter(named(layer)::isWeight).toList();
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return named(layer).isWeight(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }
}
