/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.stream.IntStream;

/** Steps of SGD and Adam against doubles over several steps. */
public final class OptimizerLaws {

    private static final int STEPS = 3;
    private static final double RATE = 0.05;
    private static final double FACTOR = 0.25;
    private static final double SHARE = 0.5;

    private OptimizerLaws() {}

    public static void steps(Machine machine, OptimizerKernels kernels, ElementType type, int count, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] start = values.normal(count);
            float[] zeros = new float[count];
            MachineArray plain = values.in(start);
            MachineArray adam = values.in(start);
            MachineArray first = values.in(zeros);
            MachineArray second = values.in(zeros);
            double[] expectedPlain = new double[count];
            double[] expectedAdam = new double[count];
            double[] m = new double[count];
            double[] v = new double[count];
            double[] size = new double[count];
            for (int i = 0; i < count; i++) {
                expectedPlain[i] = start[i];
                expectedAdam[i] = start[i];
                size[i] = Math.abs(start[i]) + 1;
            }
            for (int step = 1; step <= STEPS; step++) {
                float[] gradient = values.normal(count);
                MachineArray onGradient = values.in(gradient);
                OptimizerKernels.Adam settings = OptimizerKernels.Adam.DEFAULT;
                MachineArray rate = values.in(new double[] {RATE / SHARE});
                MachineArray corrected =
                        values.in(new double[] {OptimizerKernels.corrected(RATE / SHARE, settings, step)});
                kernels.sgdInPlace(plain, onGradient, FACTOR, new OptimizerKernels.Pace(rate, SHARE));
                kernels.adamInPlace(
                        adam, onGradient, first, second, FACTOR, new OptimizerKernels.Pace(corrected, SHARE), settings);
                for (int i = 0; i < count; i++) {
                    double g = FACTOR * gradient[i];
                    expectedPlain[i] -= RATE * g;
                    m[i] = 0.9 * m[i] + (1 - 0.9) * g;
                    v[i] = 0.999 * v[i] + (1 - 0.999) * g * g;
                    double mHat = m[i] / (1 - Math.pow(0.9, step));
                    double vHat = v[i] / (1 - Math.pow(0.999, step));
                    // Deeplearning4j adds epsilon before the correction of v, which is below 1e-6 here.
                    double epsilon = 1e-8 / Math.sqrt(1 - Math.pow(0.999, step));
                    expectedAdam[i] -= RATE * mHat / (Math.sqrt(vHat) + epsilon);
                }
            }
            Expected toPlain = new Expected(count);
            Expected toAdam = new Expected(count);
            for (int i = 0; i < count; i++) {
                // Each step rounds the parameter once and a few times its own step, which is below RATE * 4.
                toPlain.set(i, expectedPlain[i], STEPS * 2 * values.unit() * size[i]);
                toAdam.set(i, expectedAdam[i], STEPS * 6 * values.unit() * size[i]);
            }
            toPlain.compare("SGD", values.get(plain));
            toAdam.compare("Adam", values.get(adam));
        }
    }

    /** A walk's steps take their records and rates one after the other, and leave their losses in a circle of rows; also behind the ends. */
    public static void walk(Machine machine, OptimizerKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 0)) {
            MachineArray counters = values.in(new int[] {4, 1, 0, 6});
            MachineArray chosen = values.in(new int[] {9, 9, 9});
            MachineArray losses = values.in(new float[] {1, 2, 3});
            MachineArray rate = values.in(new float[] {9});
            MachineArray kept = values.in(new float[6]);
            OptimizerKernels.Walk walk = new OptimizerKernels.Walk(
                    counters,
                    values.in(new int[] {10, 11, 12, 13, 14, 15, 16}),
                    chosen,
                    values.in(new float[] {0.5f, 0.25f}),
                    rate,
                    losses,
                    kept);
            kernels.begin(walk, 2);
            assertArrayEquals(new int[] {14, 15, 9}, machine.downloadInts(chosen));
            assertArrayEquals(new double[] {0.25}, machine.downloadDoubles(rate));
            assertArrayEquals(new double[] {0, 0, 0, 1, 2, 3}, machine.downloadDoubles(kept));
            assertArrayEquals(new int[] {0, 2, 1, 6}, machine.downloadInts(counters));
            machine.upload(new int[] {6}, counters.slice(0, 1)); // behind the walk
            machine.upload(new double[] {4, 5, 6}, losses);
            kernels.begin(walk, 3);
            assertArrayEquals(new int[] {16, -1, -1}, machine.downloadInts(chosen));
            assertArrayEquals(new double[] {Double.NaN}, machine.downloadDoubles(rate));
            assertArrayEquals(new double[] {4, 5, 6, 1, 2, 3}, machine.downloadDoubles(kept));
            assertArrayEquals(new int[] {9, 3, 0, 6}, machine.downloadInts(counters));
        }
    }

    public static IntStream counts() {
        return IntStream.of(0, 1, 255, 257, 4999);
    }
}
