/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.lora.config.AdapterInit.Kind;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Cuts a layer's part of the parameter vector into the factors A and B of its adapters, all in Fortran order (A's bytes are then
 * those of PEFT's [rank, rows] tensor in C order). The order A, B, adapter after adapter, is the file format.
 */
final class FactorInitializer implements ParamInitializer {

    static final FactorInitializer INSTANCE = new FactorInitializer();

    private FactorInitializer() {}

    private static Map<String, long[]> shapes(List<WeightAdapter> adapters) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (WeightAdapter one : adapters) {
            long rank = one.adapter().rank();
            shapes.put(one.weight().keyOfA(), new long[] {one.rows(), rank});
            shapes.put(one.weight().keyOfB(), new long[] {rank, one.columns()});
        }
        return shapes;
    }

    /** The factors in a vector, or in its gradient. */
    static Map<String, INDArray> cut(List<WeightAdapter> adapters, INDArray view) {
        INDArray flat = view.reshape(new long[] {view.length()});
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long from = 0;
        for (Map.Entry<String, long[]> entry : shapes(adapters).entrySet()) {
            long[] shape = entry.getValue();
            long to = from + shape[0] * shape[1];
            parts.put(entry.getKey(), flat.get(NDArrayIndex.interval(from, to)).reshape('f', shape));
            from = to;
        }
        return parts;
    }

    static long count(List<WeightAdapter> adapters) {
        return adapters.stream().mapToLong(WeightAdapter::parameters).sum();
    }

    /**
     * PEFT's starts: A uniform in ±1/√rows (Kaiming with a = √5) or normal with standard deviation 1/rank; B zero, or with the
     * random start uniform. {@link AdapterStarts} makes all others, once the graph is there.
     */
    static void start(List<WeightAdapter> adapters, Map<String, INDArray> parameters) {
        for (WeightAdapter one : adapters) {
            String keyOfA = one.weight().keyOfA();
            String keyOfB = one.weight().keyOfB();
            INDArray a = Objects.requireNonNull(parameters.get(keyOfA), keyOfA);
            double bound = 1 / Math.sqrt((double) one.rows());
            Kind start = one.adapter().init().kind();
            a.assign((start == Kind.GAUSSIAN
                            ? Nd4j.getDistributions()
                                    .createNormal(0, 1.0 / one.adapter().rank())
                            : Nd4j.getDistributions().createUniform(-bound, bound))
                    .sample(a.shape()));
            INDArray b = Objects.requireNonNull(parameters.get(keyOfB), keyOfB).assign(0);
            if (start == Kind.RANDOM) {
                double boundOfB = 1 / Math.sqrt(one.adapter().rank());
                b.assign(Nd4j.getDistributions()
                        .createUniform(-boundOfB, boundOfB)
                        .sample(b.shape()));
            }
        }
    }

    private static List<WeightAdapter> adapters(Layer layer) {
        return ((CarriesAdapters) layer).adapters();
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        List<WeightAdapter> adapters = adapters(conf.getLayer());
        Map<String, INDArray> parameters = cut(adapters, view);
        parameters.keySet().forEach(conf::addVariable);
        if (initialize) {
            start(adapters, parameters);
        }
        return parameters;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return cut(adapters(conf.getLayer()), view);
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return count(adapters(layer));
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return keys(adapters(layer));
    }

    /** Keys of the factors, in their order. */
    static List<String> keys(List<WeightAdapter> adapters) {
        return adapters.stream()
                .flatMap(one -> Stream.of(one.weight().keyOfA(), one.weight().keyOfB()))
                .toList();
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return paramKeys(layer);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return paramKeys(layer).contains(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }
}
