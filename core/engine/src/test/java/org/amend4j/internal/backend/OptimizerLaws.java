/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;

/** Steps of SGD and Adam against doubles over several steps. */
public final class OptimizerLaws {

    private static final int STEPS = 3;
    private static final double RATE = 0.05;
    private static final double FACTOR = 0.25;
    private static final double SHARE = 0.5;

    private OptimizerLaws() {}

    public static void steps(Machine machine, OptimizerKernels kernels, ElementType type, int count, long seed) {
        // of gradients of order 1, and of such that epsilon counts
        for (double size : new double[] {1, 1e-7}) {
            try (Values values = new Values(machine, type, seed)) {
                new Steps(values, count, size).compare(kernels);
            }
        }
    }

    private static final class Steps {

        private final Values values;
        private final int count;
        private final double size;
        private final float[] start;
        private final float[][] gradients = new float[STEPS][];

        Steps(Values values, int count, double size) {
            this.values = values;
            this.count = count;
            this.size = size;
            this.start = values.normal(count);
            for (int step = 0; step < STEPS; step++) {
                gradients[step] = values.normal(count);
                for (int i = 0; i < count; i++) {
                    gradients[step][i] *= (float) size;
                }
            }
        }

        void compare(OptimizerKernels kernels) {
            MachineArray plain = values.in(start);
            MachineArray pace = values.in(new double[] {RATE / SHARE, Double.NaN});
            for (float[] gradient : gradients) {
                kernels.sgdInPlace(plain, values.in(gradient), FACTOR, new OptimizerKernels.Pace(pace, SHARE));
            }
            Expected toPlain = new Expected(count);
            for (int i = 0; i < count; i++) {
                double theta = start[i];
                for (float[] gradient : gradients) {
                    theta -= RATE * FACTOR * gradient[i];
                }
                // Each step rounds the parameter once and a few times its own step, which is below RATE * 4.
                toPlain.set(i, theta, STEPS * 2 * values.unit() * (Math.abs(start[i]) + 1));
            }
            toPlain.compare("SGD of size " + size, values.get(plain));
            compare(kernels, OptimizerKernels.Adam.PYTORCH);
            compare(kernels, OptimizerKernels.Adam.DEEPLEARNING4J);
        }

        private void compare(OptimizerKernels kernels, OptimizerKernels.Adam rule) {
            MachineArray adam = values.in(start);
            MachineArray first = values.in(new float[count]);
            MachineArray second = values.in(new float[count]);
            for (int step = 1; step <= STEPS; step++) {
                MachineArray pace = values.in(rule.pace(RATE / SHARE, step));
                kernels.adamInPlace(
                        adam,
                        values.in(gradients[step - 1]),
                        first,
                        second,
                        FACTOR,
                        new OptimizerKernels.Pace(pace, SHARE),
                        rule);
            }
            Expected toAdam = new Expected(count);
            for (int i = 0; i < count; i++) {
                toAdam.set(i, expected(rule, i), STEPS * 6 * values.unit() * (Math.abs(start[i]) + 1));
            }
            toAdam.compare(rule + " of size " + size, values.get(adam));
        }

        /** By Algorithm 1 of the paper, whose ε Deeplearning4j divides by √(1−β₂ᵗ). */
        private double expected(OptimizerKernels.Adam rule, int i) {
            double theta = start[i];
            double m = 0;
            double v = 0;
            for (int step = 1; step <= STEPS; step++) {
                double g = FACTOR * gradients[step - 1][i];
                m = 0.9 * m + (1 - 0.9) * g;
                v = 0.999 * v + (1 - 0.999) * g * g;
                double mHat = m / (1 - Math.pow(0.9, step));
                double vHat = v / (1 - Math.pow(0.999, step));
                double epsilon = 1e-8 / (rule.besideCorrected() ? 1 : Math.sqrt(1 - Math.pow(0.999, step)));
                theta -= RATE * mHat / (Math.sqrt(vHat) + epsilon);
            }
            return theta;
        }
    }

    /** A walk's steps take their records and rates one after the other, and leave their losses in a circle of rows; also behind the ends. */
    public static void walk(Machine machine, OptimizerKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 0)) {
            MachineArray counters = values.in(new int[] {4, 1, 0, 6});
            MachineArray chosen = values.in(new int[] {9, 9, 9});
            MachineArray losses = values.in(new float[] {1, 2, 3});
            MachineArray pace = values.in(new float[] {9, 9});
            MachineArray kept = values.in(new float[6]);
            OptimizerKernels.Walk walk = new OptimizerKernels.Walk(
                    counters,
                    values.in(new int[] {10, 11, 12, 13, 14, 15, 16}),
                    chosen,
                    values.in(new float[] {0.5f, 1, 0.25f, 0.125f}),
                    pace,
                    losses,
                    kept);
            kernels.begin(walk, 2);
            assertArrayEquals(new int[] {14, 15, 9}, machine.downloadInts(chosen));
            assertArrayEquals(new double[] {0.25, 0.125}, machine.downloadDoubles(pace));
            assertArrayEquals(new double[] {0, 0, 0, 1, 2, 3}, machine.downloadDoubles(kept));
            assertArrayEquals(new int[] {0, 2, 1, 6}, machine.downloadInts(counters));
            machine.upload(new int[] {6}, counters.slice(0, 1)); // behind the walk
            machine.upload(new double[] {4, 5, 6}, losses);
            kernels.begin(walk, 3);
            assertArrayEquals(new int[] {16, -1, -1}, machine.downloadInts(chosen));
            assertArrayEquals(new double[] {Double.NaN, Double.NaN}, machine.downloadDoubles(pace));
            assertArrayEquals(new double[] {4, 5, 6, 1, 2, 3}, machine.downloadDoubles(kept));
            assertArrayEquals(new int[] {9, 3, 0, 6}, machine.downloadInts(counters));
        }
    }

    public static IntStream counts() {
        return IntStream.of(0, 1, 255, 257, 4999);
    }
}
