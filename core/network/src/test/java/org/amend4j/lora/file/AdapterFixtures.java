/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.network.TorchLayer;
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

    static LayerFactors factors(
            LoraConfig config,
            String vertex,
            FactorLayout layout,
            long inputs,
            long outputs,
            int rank,
            double alpha,
            DataType type) {
        AdapterSpec spec =
                AdapterSpec.plain(vertex, rank, alpha, config.scaling(rank, alpha), config.dropout(), config.init());
        return LayerFactors.of(
                layout,
                spec,
                values(vertex + "/A", type, 'f', inputs * layout.kernelSize(), rank),
                values(vertex + "/B", type, 'f', rank, outputs));
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
            assertEquals(a.spec(), b.spec());
            assertEquals(a.layout(), b.layout());
            assertEquals(a.peftExact(), b.peftExact());
            assertSame(a.vertex() + "/A", a.a(), b.a());
            assertSame(a.vertex() + "/B", a.b(), b.b());
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
