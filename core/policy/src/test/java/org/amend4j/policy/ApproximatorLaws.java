/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;

/** What every {@link Approximator} promises, checked on any of them. */
final class ApproximatorLaws {

    /**
     * Step of the central difference. Its error is h²·f'''/6 + ε·f/h, about 1e-10 for functions of order 1.
     */
    private static final double STEP = 1e-5;

    /** Two orders of magnitude above that error, for sums of some dozens of outputs. */
    static final double TOLERANCE = 1e-7;

    private ApproximatorLaws() {}

    static double[] normal(int n, long seed) {
        Random random = new Random(seed);
        double[] result = new double[n];
        Arrays.setAll(result, i -> random.nextGaussian());
        return result;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Parameters in general position, so that no activation sits on its kink. */
    static void shake(Approximator network, double scale, long seed) {
        double[] theta = network.parameters();
        double[] noise = normal(theta.length, seed);
        for (int i = 0; i < theta.length; i++) {
            theta[i] += scale * noise[i];
        }
        network.setParameters(theta);
    }

    static void gradientIsNumericalGradient(Approximator network, int[] lengths, long seed) {
        int rows = Arrays.stream(lengths).sum();
        double[] inputs = normal(rows * network.inputs(), seed);
        double[] weights = normal(rows * network.outputs(), seed + 1);
        double[] theta = network.parameters();
        double[] gradient = new double[theta.length + 2];
        gradient[0] = 3;
        gradient[theta.length] = 5;
        network.forward(inputs, lengths).backward(weights, gradient);
        gradient[0] -= 3;
        assertEquals(5, gradient[theta.length], "nothing is written beyond the dimension");
        double largest = 0;
        for (int i = 0; i < theta.length; i++) {
            double numerical = (at(network, theta, i, STEP, inputs, lengths, weights)
                            - at(network, theta, i, -STEP, inputs, lengths, weights))
                    / (2 * STEP);
            assertEquals(
                    numerical,
                    gradient[i],
                    TOLERANCE * Math.max(1, Math.abs(numerical)),
                    "element " + i + " of the gradient, seed " + seed);
            largest = Math.max(largest, Math.abs(gradient[i]));
        }
        network.setParameters(theta);
        assertTrue(largest > 1e-3, "the gradient must not vanish everywhere");
    }

    private static double at(
            Approximator network,
            double[] theta,
            int i,
            double step,
            double[] inputs,
            int[] lengths,
            double[] weights) {
        double[] moved = theta.clone();
        moved[i] += step;
        network.setParameters(moved);
        return dot(network.forward(inputs, lengths).outputs(), weights);
    }

    /** Each row computed alone gives what it gives in a batch. */
    static void rowsAreIndependent(Approximator network, int rows, double tolerance, long seed) {
        double[] inputs = normal(rows * network.inputs(), seed);
        double[] together = network.forward(inputs, ones(rows)).outputs();
        for (int row = 0; row < rows; row++) {
            double[] alone = network.forward(
                            Arrays.copyOfRange(inputs, row * network.inputs(), (row + 1) * network.inputs()),
                            new int[] {1})
                    .outputs();
            assertArrayEquals(
                    Arrays.copyOfRange(together, row * network.outputs(), (row + 1) * network.outputs()),
                    alone,
                    tolerance,
                    "row " + row);
        }
    }

    /** A stepper that sees sequences side by side computes what a pass over whole sequences computes. */
    static void stepperAgreesWithForward(Approximator network, int[] lengths, double tolerance, long seed) {
        int width = network.inputs();
        int outputs = network.outputs();
        double[] inputs = normal(Arrays.stream(lengths).sum() * width, seed);
        double[] whole = network.forward(inputs, lengths).outputs();
        Approximator.Stepper stepper = network.stepper(lengths.length);
        int longest = Arrays.stream(lengths).max().orElseThrow();
        int compared = 0;
        for (int t = 0; t < longest; t++) {
            int time = t;
            int[] going = java.util.stream.IntStream.range(0, lengths.length)
                    .filter(i -> lengths[i] > time)
                    .toArray();
            double[] rows = new double[going.length * width];
            boolean[] begins = new boolean[going.length];
            Arrays.fill(begins, t == 0);
            for (int k = 0; k < going.length; k++) {
                System.arraycopy(inputs, (offset(lengths, going[k]) + t) * width, rows, k * width, width);
            }
            double[] step = stepper.step(rows, going, begins);
            for (int k = 0; k < going.length; k++) {
                int row = offset(lengths, going[k]) + t;
                assertArrayEquals(
                        Arrays.copyOfRange(whole, row * outputs, (row + 1) * outputs),
                        Arrays.copyOfRange(step, k * outputs, (k + 1) * outputs),
                        tolerance,
                        "sequence " + going[k] + ", time " + t);
                compared++;
            }
        }
        assertEquals(Arrays.stream(lengths).sum(), compared);
        assertArrayEquals(whole, network.forward(inputs, lengths).outputs(), "a stepper leaves no trace");
    }

    private static int offset(int[] lengths, int sequence) {
        return Arrays.stream(lengths, 0, sequence).sum();
    }

    static int[] ones(int rows) {
        int[] lengths = new int[rows];
        Arrays.fill(lengths, 1);
        return lengths;
    }

    static void contractHolds(Approximator network, long seed) {
        double[] theta = network.parameters();
        double[] inputs = normal(3 * network.inputs(), seed);
        double[] weights = normal(3 * network.outputs(), seed + 1);
        Approximator.Pass pass = network.forward(inputs, ones(3));
        pass.backward(weights, new double[theta.length]);
        assertThrows(IllegalStateException.class, () -> pass.backward(weights, new double[theta.length]));
        Approximator.Pass stale = network.forward(inputs, ones(3));
        double[] first = stale.outputs();
        double[] again = network.forward(inputs, ones(3)).outputs();
        assertArrayEquals(first, again);
        assertThrows(IllegalStateException.class, () -> stale.backward(weights, new double[theta.length]));

        double[] bad = weights.clone();
        bad[1] = Double.NaN;
        double[] untouched = new double[theta.length];
        assertThrows(
                ArithmeticException.class,
                () -> network.forward(inputs, ones(3)).backward(bad, untouched));
        assertArrayEquals(new double[theta.length], untouched);
        double[] nan = theta.clone();
        nan[theta.length - 1] = Double.NaN;
        assertThrows(IllegalArgumentException.class, () -> network.setParameters(nan));
        assertThrows(IllegalArgumentException.class, () -> network.setParameters(new double[theta.length + 1]));
        assertArrayEquals(theta, network.parameters());
        assertArrayEquals(first, network.forward(inputs, ones(3)).outputs());
        assertThrows(
                IllegalArgumentException.class, () -> network.forward(new double[network.inputs() + 1], new int[] {1}));
        assertThrows(IllegalArgumentException.class, () -> network.forward(inputs, new int[] {3, 0}));
        assertThrows(
                IllegalArgumentException.class,
                () -> network.forward(inputs, ones(3)).backward(new double[1], new double[theta.length]));
        assertThrows(
                IllegalArgumentException.class,
                () -> network.forward(inputs, ones(3)).backward(weights, new double[theta.length - 1]));
        assertThrows(IllegalArgumentException.class, () -> network.stepper(0));
    }
}
