package org.amend4j.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.amend4j.integration.MobileNetV2;
import org.amend4j.prefix.PrefixProgram;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * MobileNetV2's frozen forward pass up to {@code out_relu}, batch 16 at 96 pixels: the compiled prefix against DL4J's own
 * {@code feedForward}, and the matrix products alone as a floor. Alternating, medians.
 */
public final class PrefixForwardBenchmark {

    private static final int BATCH = 16;
    private static final int SIDE = 96;
    private static final int WARM_UP = 60;
    private static final int PAIRS = 15;

    /** Rows, inputs and outputs of the backbone's products at this batch and side. */
    private static final int[][] PRODUCTS = {
        {36864, 27, 32}, {36864, 32, 16}, {36864, 16, 96}, {9216, 96, 24}, {9216, 24, 144}, {9216, 144, 24},
        {9216, 24, 144}, {2304, 144, 32}, {2304, 32, 192}, {2304, 192, 32}, {2304, 32, 192}, {2304, 192, 32},
        {2304, 32, 192}, {576, 192, 64}, {576, 64, 384}, {576, 384, 64}, {576, 64, 384}, {576, 384, 64},
        {576, 64, 384}, {576, 384, 64}, {576, 64, 384}, {576, 384, 96}, {576, 96, 576}, {576, 576, 96},
        {576, 96, 576}, {576, 576, 96}, {576, 96, 576}, {144, 576, 160}, {144, 160, 960}, {144, 960, 160},
        {144, 160, 960}, {144, 960, 160}, {144, 160, 960}, {144, 960, 320}, {144, 320, 1280},
    };

    private PrefixForwardBenchmark() {}

    /** Runs the comparison and prints one line a contender. */
    public static void main(String[] arguments) throws IOException {
        ComputationGraph network = MobileNetV2.open();
        int last = MobileNetV2.layerIndex(network, "out_relu");
        INDArray input = MobileNetV2.input(BATCH, SIDE);
        INDArray[] inputs = {input};
        PrefixProgram program = PrefixProgram.compile(network, List.of("out_relu"));
        Runnable floor = products();
        for (int i = 0; i < WARM_UP; i++) {
            program.run(input);
        }
        floor.run();
        network.feedForward(inputs, last, false);
        double[] ours = new double[PAIRS];
        double[] theirs = new double[PAIRS];
        double[] alone = new double[PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            ours[i] = milliseconds(() -> program.run(input));
            theirs[i] = milliseconds(() -> network.feedForward(inputs, last, false));
            alone[i] = milliseconds(floor);
        }
        print("compiled prefix", ours);
        print("DL4J feedForward", theirs);
        print("products alone (floor)", alone);
        System.out.printf(
                Locale.ROOT,
                "DL4J / compiled: %.1f (medians), %.1f (minima)%n",
                median(theirs) / median(ours),
                minimum(theirs) / minimum(ours));
    }

    private static Runnable products() {
        INDArray[][] all = new INDArray[PRODUCTS.length][];
        for (int i = 0; i < all.length; i++) {
            int[] p = PRODUCTS[i];
            all[i] = new INDArray[] {
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {p[1], p[2]}, 'f')
                        .assign(0.5),
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {p[1], p[0]}, 'f')
                        .assign(0.5),
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {p[2], p[0]}, 'f')
            };
        }
        return () -> {
            for (INDArray[] arrays : all) {
                Nd4j.gemm(arrays[0], arrays[1], arrays[2], true, false, 1.0, 0.0);
            }
        };
    }

    private static double milliseconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        return Arrays.stream(values).sorted().toArray()[values.length / 2];
    }

    private static double minimum(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    private static void print(String name, double[] values) {
        System.out.printf(
                Locale.ROOT, "%-24s median %8.1f ms, minimum %8.1f ms%n", name, median(values), minimum(values));
    }
}
