/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Cuts an adapter's part of the parameter vector into A and B, both in Fortran order (A's bytes are then those of PEFT's
 * [rank, rows] tensor in C order). The order A, B is the file format.
 */
final class LoraParamInitializer implements ParamInitializer {

    static final LoraParamInitializer INSTANCE = new LoraParamInitializer();

    /** Key of A, [rows, rank]. Keys must not contain an underscore: Deeplearning4j splits names there. */
    static final String A = "A";

    /** Key of B, [rank, columns]. */
    static final String B = "B";

    private LoraParamInitializer() {}

    private static Map<String, long[]> shapes(LoraLayer layer) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(A, new long[] {layer.rows(), layer.adapter().rank()});
        shapes.put(B, new long[] {layer.adapter().rank(), layer.columns()});
        return shapes;
    }

    private static Map<String, INDArray> cut(LoraLayer layer, INDArray view) {
        INDArray flat = view.reshape(new long[] {view.length()});
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long from = 0;
        for (Map.Entry<String, long[]> entry : shapes(layer).entrySet()) {
            long[] shape = entry.getValue();
            long to = from + shape[0] * shape[1];
            parts.put(entry.getKey(), flat.get(NDArrayIndex.interval(from, to)).reshape('f', shape));
            from = to;
        }
        return parts;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        LoraLayer layer = (LoraLayer) conf.getLayer();
        Map<String, INDArray> parameters = cut(layer, view);
        parameters.keySet().forEach(conf::addVariable);
        if (initialize) {
            start(layer, FrozenLayers.require(parameters, A), FrozenLayers.require(parameters, B));
        }
        return parameters;
    }

    /** PEFT's starts: A uniform in ±1/√rows (Kaiming with a = √5) or normal with standard deviation 1/rank; B zero. */
    private static void start(LoraLayer layer, INDArray a, INDArray b) {
        double bound = 1 / Math.sqrt((double) layer.rows());
        switch (layer.adapter().init()) {
            case DEFAULT ->
                a.assign(Nd4j.getDistributions().createUniform(-bound, bound).sample(a.shape()));
            case GAUSSIAN ->
                a.assign(Nd4j.getDistributions()
                        .createNormal(0, 1.0 / layer.adapter().rank())
                        .sample(a.shape()));
        }
        b.assign(0);
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return cut((LoraLayer) conf.getLayer(), view);
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        LoraLayer lora = (LoraLayer) layer;
        return lora.adapter().rank() * (lora.rows() + lora.columns());
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.of(A, B);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of(A, B);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return A.equals(key) || B.equals(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }
}
