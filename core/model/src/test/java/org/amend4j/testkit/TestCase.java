/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** A network of {@link TestNetworks}, layers of it to adapt, and data of the right shapes. */
public enum TestCase {
    DENSE(TestNetworks::dense, List.of("dense_0", "dense_1", "out"), new long[][] {{5}}, new int[][] {{3, 0}}),
    ABOVE_A_PREFIX(TestNetworks::dense, List.of("dense_1"), new long[][] {{5}}, new int[][] {{3, 0}}),
    BRANCHING(TestNetworks::branching, List.of("l", "shared", "side", "out_a"), new long[][] {{4}, {3}}, new int[][] {
        {3, 0}, {2, 0}
    }),
    NCHW(
            (type, seed) -> TestNetworks.convolutional(type, CNN2DFormat.NCHW, ConvolutionMode.Truncate, seed),
            List.of("conv_0", "conv_1", "conv_2", "point"),
            new long[][] {{2, 9, 8}},
            new int[][] {{3, 0}}),
    NHWC(
            (type, seed) -> TestNetworks.convolutional(type, CNN2DFormat.NHWC, ConvolutionMode.Same, seed),
            List.of("conv_1", "point"),
            new long[][] {{9, 8, 2}},
            new int[][] {{3, 0}}),
    SEQUENCE(
            (type, seed) -> TestNetworks.recurrent(type, ConvolutionMode.Same, seed),
            List.of("conv", "out"),
            new long[][] {{3, 8}},
            new int[][] {{3, 8}}),
    BELOW_ATTENTION(
            TestNetworks::attention, List.of("below", "above", "out"), new long[][] {{3, 6}}, new int[][] {{3, 6}}),
    ABOVE_ATTENTION(TestNetworks::attention, List.of("above"), new long[][] {{3, 6}}, new int[][] {{3, 6}});

    private final BiFunction<DataType, Long, ComputationGraph> network;
    private final List<String> targets;
    private final long[][] inputs;
    private final int[][] outputs;

    TestCase(
            BiFunction<DataType, Long, ComputationGraph> network,
            List<String> targets,
            long[][] inputs,
            int[][] outputs) {
        this.network = network;
        this.targets = targets;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** A fresh network; equal seeds give equal bytes. */
    public ComputationGraph network(DataType type, long seed) {
        return network.apply(type, seed);
    }

    /** Layers to adapt. */
    public String[] targets() {
        return targets.toArray(new String[0]);
    }

    /** Normal inputs and one-hot labels for {@code n} examples. */
    public MultiDataSet data(DataType type, int n, long seed) {
        Random random = new Random(seed);
        INDArray[] features = Arrays.stream(inputs)
                .map(shape -> TestNetworks.normal(type, random, withBatch(n, shape)))
                .toArray(INDArray[]::new);
        INDArray[] labels = Arrays.stream(outputs)
                .map(o -> TestNetworks.oneHot(type, random, n, o[0], o[1]))
                .toArray(INDArray[]::new);
        return new MultiDataSet(features, labels);
    }

    private static long[] withBatch(int n, long[] shape) {
        long[] result = new long[shape.length + 1];
        result[0] = n;
        System.arraycopy(shape, 0, result, 1, shape.length);
        return result;
    }
}
