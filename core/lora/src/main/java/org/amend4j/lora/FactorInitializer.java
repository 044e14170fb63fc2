/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.effective.EffectiveWeight;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.AdaptedBias;
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

    private static Map<String, long[]> shapes(CarriesAdapters of) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        of.adapters().forEach(one -> shapes.putAll(one.shapes()));
        of.biases().forEach(bias -> shapes.put(bias.parameter(), new long[] {1, bias.length()}));
        return shapes;
    }

    /** The factors in a vector, or in its gradient. */
    static Map<String, INDArray> cut(CarriesAdapters of, INDArray view) {
        INDArray flat = view.reshape(new long[] {view.length()});
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long from = 0;
        for (Map.Entry<String, long[]> entry : shapes(of).entrySet()) {
            long[] shape = entry.getValue();
            long to = from + shape[0] * shape[1];
            parts.put(entry.getKey(), flat.get(NDArrayIndex.interval(from, to)).reshape('f', shape));
            from = to;
        }
        return parts;
    }

    static long count(CarriesAdapters of) {
        return shapes(of).values().stream()
                .mapToLong(shape -> shape[0] * shape[1])
                .sum();
    }

    /**
     * Starts what is made of the base: magnitudes at the norms of the weights' columns, biases at the base's.
     *
     * @param matrices the weights as matrices, by key
     * @param base the base's parameters, by key
     */
    static void startAtBase(
            CarriesAdapters of,
            Map<String, WeightMatrix> matrices,
            Map<String, INDArray> base,
            Map<String, INDArray> parameters) {
        for (WeightAdapter one : of.adapters()) {
            INDArray magnitude = parameters.get(one.weight().keyOfMagnitude());
            if (magnitude != null) {
                String key = one.weight().parameter();
                magnitude.assign(EffectiveWeight.columnNorms(
                        Objects.requireNonNull(matrices.get(key), key), Objects.requireNonNull(base.get(key), key)));
            }
        }
        for (AdaptedBias bias : of.biases()) {
            INDArray values = Objects.requireNonNull(base.get(bias.parameter()), bias.parameter());
            Objects.requireNonNull(parameters.get(bias.parameter()), bias.parameter())
                    .assign(values.reshape(1, values.length()));
        }
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
            INDArray biasOnB = parameters.get(one.weight().keyOfBiasOnB());
            if (biasOnB != null) {
                biasOnB.assign(0);
            }
        }
    }

    private static CarriesAdapters carrier(Layer layer) {
        return (CarriesAdapters) layer;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        CarriesAdapters of = carrier(conf.getLayer());
        Map<String, INDArray> parameters = cut(of, view);
        parameters.keySet().forEach(conf::addVariable);
        if (initialize) {
            start(of.adapters(), parameters);
        }
        return parameters;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return cut(carrier(conf.getLayer()), view);
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return count(carrier(layer));
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.copyOf(shapes(carrier(layer)).keySet());
    }

    /** The factors: what penalties of weights are for. */
    @Override
    public List<String> weightKeys(Layer layer) {
        return carrier(layer).adapters().stream()
                .flatMap(one -> Stream.of(one.weight().keyOfA(), one.weight().keyOfB()))
                .toList();
    }

    /** All else: vectors. */
    @Override
    public List<String> biasKeys(Layer layer) {
        List<String> factors = weightKeys(layer);
        return paramKeys(layer).stream().filter(key -> !factors.contains(key)).toList();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return weightKeys(layer).contains(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return biasKeys(layer).contains(key);
    }
}
