/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.junit.jupiter.params.provider.Arguments;

/** Softmax, losses, their gradients and totals against doubles. */
public final class LossLaws {

    private LossLaws() {}

    private static void assertNaNs(Values values, MachineArray losses) {
        double[] got = values.get(losses);
        assertTrue(Double.isNaN(got[0]) && Double.isFinite(got[1]), got[0] + ", " + got[1]);
    }

    /** So many, all in the first row. */
    private static void assertNaNs(Values values, int count, MatrixView rows) {
        double[] got = values.get(rows);
        long first = IntStream.range(0, rows.columns())
                .filter(i -> Double.isNaN(got[i]))
                .count();
        long all =
                IntStream.range(0, got.length).filter(i -> Double.isNaN(got[i])).count();
        assertEquals(count, first);
        assertEquals(count, all);
    }

    public static void crossEntropy(
            Machine machine, LossKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] z = values.normal(rows * columns);
            float[] target = new float[rows * columns];
            float[] weights = new float[rows];
            for (int i = 0; i < target.length; i++) {
                target[i] = values.random().nextInt(3) == 0 ? values.random().nextFloat() : 0;
            }
            for (int i = 0; i < rows; i++) {
                weights[i] = 0.5f + values.random().nextFloat();
            }
            MachineArray losses = values.fresh(rows);
            MatrixView gradient = values.fresh(rows, columns, gap);
            MatrixView probabilities = values.fresh(rows, columns, gap);
            MatrixView input = values.in(z, rows, columns, gap);
            kernels.softmax(input, probabilities);
            kernels.softmaxCrossEntropy(
                    input,
                    values.in(target, rows, columns, gap),
                    Optional.of(values.in(weights)),
                    losses,
                    Optional.of(gradient));
            Expected expectedP = new Expected(rows * columns);
            Expected expectedGradient = new Expected(rows * columns);
            Expected expectedLosses = new Expected(rows);
            // Logits differ by less than 16, so their rounded differences cost exp 16 units; a sum costs its length at
            // most.
            double unit = (48 + columns) * values.unit();
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                double mass = 0;
                for (int c = 0; c < columns; c++) {
                    sum += Math.exp(z[row * columns + c]);
                    mass += target[row * columns + c];
                }
                for (int c = 0; c < columns; c++) {
                    int i = row * columns + c;
                    double p = Math.exp(z[i]) / sum;
                    double loss = (double) weights[row] * target[i] * (Math.log(sum) - z[i]);
                    expectedP.set(i, p, unit * p);
                    expectedGradient.set(
                            i, weights[row] * (p * mass - target[i]), unit * weights[row] * (p * mass + target[i]));
                    expectedLosses.add(row, loss, unit * weights[row] * target[i] * 24);
                }
            }
            expectedP.compare("softmax", values.get(probabilities));
            expectedGradient.compare("gradient", values.get(gradient));
            expectedLosses.compare("losses", values.get(losses));
        }
    }

    public static void tokens(
            Machine machine, LossKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] z = values.normal(rows * columns);
            float[] weights = new float[rows];
            int[] labels = new int[rows];
            for (int row = 0; row < rows; row++) {
                weights[row] = 0.5f + values.random().nextFloat();
                labels[row] = columns == 0 || values.random().nextInt(4) == 0
                        ? -100
                        : values.random().nextInt(columns);
                for (int c = 0; c < columns && labels[row] < 0; c++) {
                    z[row * columns + c] = Float.NaN; // is not read
                }
            }
            MachineArray losses = values.fresh(rows);
            MachineArray plain = values.fresh(rows);
            MatrixView input = values.in(z, rows, columns, gap);
            MachineArray onLabels = values.in(labels);
            kernels.tokenCrossEntropy(input, onLabels, Optional.empty(), plain, Optional.empty());
            kernels.tokenCrossEntropy(input, onLabels, Optional.of(values.in(weights)), losses, Optional.of(input));
            Expected expectedGradient = new Expected(rows * columns);
            Expected expectedLosses = new Expected(rows);
            Expected expectedPlain = new Expected(rows);
            double unit = (48 + columns) * values.unit(); // as in crossEntropy
            for (int row = 0; row < rows; row++) {
                if (labels[row] < 0) {
                    continue;
                }
                double sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += Math.exp(z[row * columns + c]);
                }
                double loss = Math.log(sum) - z[row * columns + labels[row]];
                expectedPlain.set(row, loss, unit * 24);
                expectedLosses.set(row, weights[row] * loss, unit * weights[row] * 24);
                for (int c = 0; c < columns; c++) {
                    double p = Math.exp(z[row * columns + c]) / sum;
                    double own = c == labels[row] ? 1 : 0;
                    expectedGradient.set(row * columns + c, weights[row] * (p - own), unit * weights[row] * (p + own));
                }
            }
            expectedLosses.compare("losses", values.get(losses));
            expectedPlain.compare("losses without weights", values.get(plain));
            expectedGradient.compare("gradient in the place of logits", values.get(input));
        }
    }

    /** NaN, and no access. */
    public static void unknownLabel(Machine machine, LossKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 23)) {
            MachineArray losses = values.fresh(2);
            MatrixView gradient = values.fresh(2, 3, 0);
            kernels.tokenCrossEntropy(
                    values.in(values.normal(6), 2, 3, 0),
                    values.in(new int[] {3, 2}),
                    Optional.empty(),
                    losses,
                    Optional.of(gradient));
            assertNaNs(values, losses);
            assertNaNs(values, 3, gradient);
        }
    }

    public static void sigmoid(
            Machine machine, LossKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] z = values.normal(rows * columns);
            float[] target = new float[rows * columns];
            float[] weights = values.normal(rows);
            for (int i = 0; i < target.length; i++) {
                z[i] *= 20;
                target[i] = values.random().nextInt(3) == 0
                        ? values.random().nextFloat()
                        : values.random().nextInt(2);
            }
            MachineArray losses = values.fresh(rows);
            MatrixView gradient = values.fresh(rows, columns, gap);
            kernels.sigmoidCrossEntropy(
                    values.in(z, rows, columns, gap),
                    values.in(target, rows, columns, gap),
                    Optional.of(values.in(weights)),
                    losses,
                    Optional.of(gradient));
            Expected expectedGradient = new Expected(rows * columns);
            Expected expectedLosses = new Expected(rows);
            for (int i = 0; i < z.length; i++) {
                double tail = Math.exp(-Math.abs(z[i])) / (1 + Math.exp(-Math.abs(z[i])));
                double share = z[i] > 0 ? 1.0 - target[i] : -target[i];
                double slope = weights[i / columns] * (z[i] > 0 ? share - tail : share + tail);
                double loss = share * z[i] + Math.log1p(Math.exp(-Math.abs(z[i])));
                // Elementary functions are good to a few units, and every other step rounds once; all terms of a loss
                // are
                // positive. Near a sum of 0 the gradient errs by units of its two parts.
                double unit = 12 * values.unit();
                double size = Math.abs(weights[i / columns]);
                expectedGradient.set(i, slope, unit * size * (Math.abs(share) + tail) + Float.MIN_NORMAL);
                expectedLosses.add(
                        i / columns,
                        weights[i / columns] * loss,
                        (unit + columns * values.unit()) * size * loss + Float.MIN_NORMAL);
            }
            expectedGradient.compare("gradient", values.get(gradient));
            expectedLosses.compare("losses", values.get(losses));
        }
    }

    public static void squaredError(
            Machine machine, LossKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] y = values.normal(rows * columns);
            float[] target = values.normal(rows * columns);
            float[] weights = values.normal(rows);
            double scale = 1.0 / Math.max(1, columns);
            MachineArray losses = values.fresh(rows);
            MatrixView gradient = values.fresh(rows, columns, gap);
            kernels.squaredError(
                    values.in(y, rows, columns, gap),
                    values.in(target, rows, columns, gap),
                    Optional.of(values.in(weights)),
                    losses,
                    Optional.of(gradient),
                    scale);
            Expected expectedGradient = new Expected(rows * columns);
            Expected expectedLosses = new Expected(rows);
            for (int i = 0; i < y.length; i++) {
                double weight = weights[i / columns];
                double d = (double) y[i] - target[i];
                double size = Math.abs(weight * scale * d);
                expectedGradient.set(i, 2 * weight * scale * d, 2 * 5 * values.unit() * size);
                expectedLosses.add(
                        i / columns, weight * scale * d * d, (columns + 6) * values.unit() * size * Math.abs(d));
            }
            expectedGradient.compare("gradient", values.get(gradient));
            expectedLosses.compare("losses", values.get(losses));
        }
    }

    public static void total(Machine machine, LossKernels kernels, ElementType type, int count, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] numbers = values.normal(count);
            MachineArray result = values.fresh(1);
            kernels.total(values.in(numbers), result);
            Expected expected = new Expected(1);
            for (float number : numbers) {
                expected.add(0, number, (count / 256 + 13) * values.unit() * Math.abs(number));
            }
            expected.compare("total", values.get(result));
        }
    }

    public static void rowSums(
            Machine machine, LossKernels kernels, ElementType type, int rows, int columns, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] numbers = values.normal(rows * columns);
            MachineArray sums = values.fresh(rows);
            kernels.rowSums(values.in(numbers), sums, columns);
            Expected expected = new Expected(rows);
            for (int k = 0; k < numbers.length; k++) {
                expected.add(k / columns, numbers[k], (columns / 128 + 9) * values.unit() * Math.abs(numbers[k]));
            }
            expected.compare("sums", values.get(sums));
        }
    }

    public static IntStream counts() {
        return IntStream.of(0, 1, 255, 256, 257, 5001);
    }

    /** Rows and columns. */
    public static Stream<Arguments> rowsOfSums() {
        return Stream.of(
                Arguments.of(0, 3),
                Arguments.of(1, 1),
                Arguments.of(3, 128),
                Arguments.of(7, 300),
                Arguments.of(300, 2));
    }

    /** No loss where the target is sure of it. */
    public static void infiniteLogit(Machine machine, LossKernels kernels, ElementType type) {
        float infinite = Float.POSITIVE_INFINITY;
        try (Values values = new Values(machine, type, 16)) {
            MachineArray losses = values.fresh(1);
            MatrixView gradient = values.fresh(1, 3, 0);
            kernels.sigmoidCrossEntropy(
                    values.in(new float[] {infinite, -infinite, 2e9f}, 1, 3, 0),
                    values.in(new float[] {1, 0, 0.5f}, 1, 3, 0),
                    Optional.empty(),
                    losses,
                    Optional.of(gradient));
            assertArrayEquals(new double[] {1e9}, values.get(losses));
            assertArrayEquals(new double[] {0, 0, 0.5}, values.get(gradient));
        }
    }

    /** The loss and the gradient of its row, whatever the target. */
    public static void notANumber(Machine machine, LossKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 22)) {
            int columns = 40;
            for (int place : new int[] {0, 39, 17}) {
                float[] z = values.normal(2 * columns);
                z[place] = Float.NaN;
                float[] target = new float[2 * columns];
                target[17] = 1;
                target[columns] = 1;
                MatrixView input = values.in(z, 2, columns, 0);
                MatrixView targets = values.in(target, 2, columns, 0);
                MachineArray losses = values.fresh(2);
                MatrixView gradient = values.fresh(2, columns, 0);
                kernels.softmax(input, gradient);
                assertNaNs(values, columns, gradient);
                kernels.softmaxCrossEntropy(input, targets, Optional.empty(), losses, Optional.of(gradient));
                assertNaNs(values, losses);
                assertNaNs(values, columns, gradient);
                kernels.sigmoidCrossEntropy(input, targets, Optional.empty(), losses, Optional.of(gradient));
                assertNaNs(values, losses);
                assertNaNs(values, 1, gradient);
                kernels.squaredError(input, targets, Optional.empty(), losses, Optional.of(gradient), 1);
                assertNaNs(values, losses);
                assertNaNs(values, 1, gradient);
            }
        }
    }
}
