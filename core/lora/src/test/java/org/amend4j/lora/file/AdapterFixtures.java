/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.TorchLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adapters whose every value follows from the name of its array and its place there, so that no swap goes unseen. */
final class AdapterFixtures {
    static final String BASE = "0123456789abcdef".repeat(4);

    private AdapterFixtures() {}

    /** One of each: dense in two types, both convolutions, a head, two batch norms and a layer PEFT does not know. */
    static AdapterContent everything() {
        LoraConfig config = LoraConfig.of(2, 6)
                .withTargets("dense.lora_A", "dense", "double wide", "conv1", "conv2")
                .withRankPattern("conv2", 1)
                .withAlphaPattern("conv[12]", 3)
                .withDropout(0.125)
                .withInit(AdapterInit.GAUSSIAN)
                .withTrainedInFull("output", "head1", "head2", "norm", "lock", "lstm");
        return new AdapterContent(
                config,
                BASE,
                Map.of("dense", "ab".repeat(32), "conv.1", "cd".repeat(32)),
                List.of(
                        factors(config, "dense", new FactorLayout.Dense(), 5, 4, 2, 6, DataType.FLOAT),
                        factors(config, "dense.lora_A", new FactorLayout.Dense(), 3, 7, 2, 6, DataType.FLOAT),
                        factors(config, "double wide", new FactorLayout.Dense(), 4, 3, 2, 6, DataType.DOUBLE),
                        factors(config, "conv1", new FactorLayout.Conv1D(3), 4, 5, 2, 3, DataType.FLOAT),
                        factors(config, "conv2", new FactorLayout.Conv2D(3, 2), 4, 5, 1, 3, DataType.FLOAT)),
                List.of(
                        full("output", TorchLayer.DENSE, DataType.FLOAT, Map.of("W", dims(4, 3), "b", dims(1, 3))),
                        full("head1", TorchLayer.CONV1D, DataType.FLOAT, Map.of("W", dims(4, 3, 5, 1), "b", dims(4))),
                        full("head2", TorchLayer.CONV2D, DataType.DOUBLE, Map.of("W", dims(4, 3, 2, 5))),
                        full(
                                "norm",
                                TorchLayer.BATCH_NORM,
                                DataType.FLOAT,
                                Map.of("gamma", dims(4), "beta", dims(4), "mean", dims(4), "var", dims(4))),
                        full(
                                "lock",
                                TorchLayer.BATCH_NORM,
                                DataType.FLOAT,
                                Map.of("mean", dims(4), "log10stdev", dims(4))),
                        full(
                                "lstm",
                                TorchLayer.OTHER,
                                DataType.FLOAT,
                                Map.of("W", dims(3, 8), "RW", dims(2, 8), "b", dims(1, 8)))));
    }

    /** One dense adapter. */
    static AdapterContent dense(String vertex) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(vertex);
        return new AdapterContent(
                config,
                BASE,
                Map.of(vertex, BASE),
                List.of(factors(config, vertex, new FactorLayout.Dense(), 3, 4, 2, 4, DataType.FLOAT)),
                List.of());
    }

    /** DoRA on each kind of layer that PEFT adapts, trained biases of an adapted layer and of another, trained tokens. */
    static AdapterContent dora() {
        LoraConfig config = LoraConfig.of(2, 6)
                .withTargets("conv2", "conv3", "dense", "embed")
                .withTrainedTokens("words", 5, 2)
                .withDora()
                .withBias(BiasMode.ALL);
        return new AdapterContent(
                config,
                "",
                Map.of(),
                List.of(
                        factors(config, "conv2", new FactorLayout.Conv2D(3, 2), 4, 5, 2, 6, DataType.FLOAT),
                        factors(config, "conv3", new FactorLayout.Conv3D(2, 3, 1), 2, 5, 2, 6, DataType.FLOAT),
                        factors(config, "dense", new FactorLayout.Dense(), 3, 4, 2, 6, DataType.FLOAT),
                        factors(config, "embed", new FactorLayout.Embedding(), 7, 3, 2, 6, DataType.FLOAT)),
                List.of(),
                List.of(
                        new TrainedBias("dense", "b", true, values("dense/b", DataType.FLOAT, 'c', 4)),
                        new TrainedBias("other", "b", true, values("other/b", DataType.FLOAT, 'c', 6))),
                List.of(new TrainedTokens("words", List.of(5, 2), values("words/t", DataType.FLOAT, 'c', 2, 3))),
                Optional.empty());
    }

    /** A bias on every B. */
    static AdapterContent biasOnB() {
        LoraConfig config = LoraConfig.of(2, 6).withTargets("conv", "dense").withBiasOnB();
        return new AdapterContent(
                config,
                "",
                Map.of(),
                List.of(
                        factors(config, "conv", new FactorLayout.Conv1D(3), 4, 5, 2, 6, DataType.FLOAT),
                        factors(config, "dense", new FactorLayout.Dense(), 3, 4, 2, 6, DataType.DOUBLE)),
                List.of());
    }

    /** Weights that PEFT does not know beside one that it does: two of one layer, and the single one of another. */
    static AdapterContent several() {
        LoraConfig config = LoraConfig.of(2, 6)
                .withTargets("dense", "lstm.W", "lstm.RW", "deconv")
                .withRankPattern("lstm[.]RW", 1)
                .withBias(BiasMode.ADAPTED);
        FactorLayout matrix = new FactorLayout.Matrix();
        return new AdapterContent(
                config,
                BASE,
                Map.of(),
                List.of(
                        factors(config, "dense", new FactorLayout.Dense(), 3, 4, 2, 6, DataType.FLOAT),
                        factors(config, new AdaptedWeight("lstm", "W", false), matrix, 3, 8, 2, 6, DataType.FLOAT),
                        factors(config, new AdaptedWeight("lstm", "RW", false), matrix, 2, 8, 1, 6, DataType.FLOAT),
                        factors(config, AdaptedWeight.single("deconv", "W"), matrix, 3, 8, 2, 6, DataType.FLOAT)),
                List.of(),
                List.of(
                        new TrainedBias("dense", "b", true, values("dense/b", DataType.FLOAT, 'f', 1, 4)),
                        new TrainedBias("lstm", "b", false, values("lstm/b", DataType.FLOAT, 'f', 1, 8))),
                List.of(),
                Optional.empty());
    }

    static LayerFactors factors(
            LoraConfig config,
            String vertex,
            FactorLayout layout,
            long inputs,
            long outputs,
            int rank,
            double alpha,
            DataType type) {
        return factors(config, AdaptedWeight.single(vertex, "W"), layout, inputs, outputs, rank, alpha, type);
    }

    static LayerFactors factors(
            LoraConfig config,
            AdaptedWeight weight,
            FactorLayout layout,
            long inputs,
            long outputs,
            int rank,
            double alpha,
            DataType type) {
        String name = weight.name();
        Optional<INDArray> magnitude = config.scheme().hasMagnitude()
                ? Optional.of(values(name + "/m", type, 'c', outputs))
                : Optional.empty();
        Optional<INDArray> bias =
                config.scheme().biasOnB() ? Optional.of(values(name + "/B.b", type, 'c', outputs)) : Optional.empty();
        return new LayerFactors(
                weight,
                layout,
                config.adapter(name, rank, alpha),
                LayerFactors.isPeft(weight, layout),
                values(name + "/A", type, 'f', inputs * layout.kernelSize(), rank),
                values(name + "/B", type, 'f', rank, outputs),
                new FactorVectors(magnitude, bias));
    }

    static FullLayer full(String vertex, TorchLayer kind, DataType type, Map<String, long[]> shapes) {
        Map<String, INDArray> parameters = new TreeMap<>();
        shapes.forEach((name, shape) ->
                parameters.put(name, values(vertex + "/" + name, type, shape.length == 2 ? 'f' : 'c', shape)));
        return new FullLayer(vertex, kind, parameters);
    }

    /** The value at C-order index i: a number in (0, 1) made of the name and i. */
    static INDArray values(String name, DataType type, char order, long... shape) {
        INDArray array = Nd4j.create(type, shape, 'c');
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, value(name, i));
        }
        return array.dup(order);
    }

    static double value(String name, long index) {
        int mixed = (name + "#" + index).hashCode() * 0x9e3779b1;
        return ((mixed >>> 9) + 0.5) * 0x1p-23;
    }

    static long[] dims(long... shape) {
        return shape;
    }

    static void assertSame(AdapterContent expected, AdapterContent found) {
        assertEquals(expected.config(), found.config());
        assertEquals(expected.baseSha256(), found.baseSha256());
        assertEquals(expected.layerSha256(), found.layerSha256());
        assertEquals(expected.factors().size(), found.factors().size());
        for (int i = 0; i < expected.factors().size(); i++) {
            LayerFactors a = expected.factors().get(i);
            LayerFactors b = found.factors().get(i);
            assertEquals(a.weight(), b.weight());
            assertEquals(a.spec(), b.spec());
            assertEquals(a.layout(), b.layout());
            assertEquals(a.peftExact(), b.peftExact());
            assertEquals(a.arrays().size(), b.arrays().size());
            for (int j = 0; j < a.arrays().size(); j++) {
                assertSame(
                        a.name() + ", array " + j, a.arrays().get(j), b.arrays().get(j));
            }
        }
        assertEquals(expected.fullLayers().size(), found.fullLayers().size());
        for (int i = 0; i < expected.fullLayers().size(); i++) {
            FullLayer a = expected.fullLayers().get(i);
            FullLayer b = found.fullLayers().get(i);
            assertEquals(a.vertex(), b.vertex());
            assertEquals(a.kind(), b.kind());
            assertEquals(a.parameters().keySet(), b.parameters().keySet());
            a.parameters().forEach((name, array) -> {
                INDArray other = b.parameters().getOrDefault(name, Nd4j.empty());
                assertSame(a.vertex() + "/" + name, array, other);
            });
        }
    }

    /** Also what there is beside factors and layers trained in full. */
    static void assertSameInAll(AdapterContent expected, AdapterContent found) {
        assertSame(expected, found);
        assertEquals(expected.biases().size(), found.biases().size());
        for (int i = 0; i < expected.biases().size(); i++) {
            TrainedBias a = expected.biases().get(i);
            TrainedBias b = found.biases().get(i);
            assertEquals(List.of(a.vertex(), a.parameter(), a.torch()), List.of(b.vertex(), b.parameter(), b.torch()));
            assertSame(a.vertex(), a.values(), b.values());
        }
        assertEquals(expected.tokens().size(), found.tokens().size());
        for (int i = 0; i < expected.tokens().size(); i++) {
            TrainedTokens a = expected.tokens().get(i);
            TrainedTokens b = found.tokens().get(i);
            assertEquals(a.vertex(), b.vertex());
            assertEquals(a.indices(), b.indices());
            assertSame(a.vertex(), a.rows(), b.rows());
        }
    }

    /** Same type, shape and bits. */
    static void assertSame(String what, INDArray expected, INDArray found) {
        assertEquals(expected.dataType(), found.dataType(), what);
        assertArrayEquals(expected.shape(), found.shape(), what);
        assertArrayEquals(bits(expected), bits(found), what);
    }

    private static long[] bits(INDArray array) {
        double[] values = array.dup('c').data().asDouble();
        long[] bits = new long[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(values[i]);
        }
        return bits;
    }
}
