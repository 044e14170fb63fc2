/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.LossKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax, losses, their gradients and totals against doubles; planted faults are noticed. */
class LossKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("loss");

    @OverMatrices
    void softmaxCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> crossEntropy(device, source, rows, columns, gap, seed));
    }

    @OverMatrices
    void sigmoidCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> sigmoid(device, source, rows, columns, gap, seed));
    }

    @Test
    void anInfiniteLogitOfASureTargetIsNoLoss() {
        float infinite = Float.POSITIVE_INFINITY;
        Caught.holds(SOURCE, (device, source) -> {
            try (Values values = new Values(device, 16)) {
                MachineArray losses = values.fresh(1);
                MatrixView gradient = values.fresh(1, 3, 0);
                new CudaLoss(device, source)
                        .sigmoidCrossEntropy(
                                values.in(new float[] {infinite, -infinite, 2e9f}, 1, 3, 0),
                                values.in(new float[] {1, 0, 0.5f}, 1, 3, 0),
                                Optional.empty(),
                                losses,
                                Optional.of(gradient));
                assertArrayEquals(new float[] {1e9f}, values.get(losses));
                assertArrayEquals(new float[] {0, 0, 0.5f}, values.get(gradient));
            }
        });
    }

    @OverMatrices
    void squaredErrorAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> squaredError(device, source, rows, columns, gap, seed));
    }

    @ParameterizedTest(name = "{0} values, seed 21")
    @ValueSource(ints = {0, 1, 255, 256, 257, 5001})
    void aTotalIsTheSum(int count) {
        Caught.holds(SOURCE, (device, source) -> total(device, source, count, 21));
    }

    @ParameterizedTest(name = "{0} rows of {1}, seed 22")
    @CsvSource({"0, 3", "1, 1", "3, 128", "7, 300", "300, 2"})
    void aSumOfARowIsTheSum(int rows, int columns) {
        Caught.holds(SOURCE, (device, source) -> rowSums(device, source, rows, columns, 22));
    }

    /** Whatever its target. */
    @Test
    void aNaNIsTheLossAndTheGradientOfItsRow() {
        Caught.holds(SOURCE, (device, source) -> {
            try (Values values = new Values(device, 22)) {
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
                    LossKernels kernels = new CudaLoss(device, source);
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
        });
    }

    private static void assertNaNs(Values values, MachineArray losses) {
        float[] got = values.get(losses);
        assertTrue(Float.isNaN(got[0]) && Float.isFinite(got[1]), got[0] + ", " + got[1]);
    }

    /** So many, all in the first row. */
    private static void assertNaNs(Values values, int count, MatrixView rows) {
        float[] got = values.get(rows);
        long first = IntStream.range(0, rows.columns())
                .filter(i -> Float.isNaN(got[i]))
                .count();
        long all =
                IntStream.range(0, got.length).filter(i -> Float.isNaN(got[i])).count();
        assertEquals(count, first);
        assertEquals(count, all);
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    real sum = 0;",
                        "    real sum = 0;"),
                new Fault(
                        "no barrier before the scratch is used again",
                        "    __syncthreads();  // scratch may still be read for the sum before\n",
                        ""),
                new Fault(
                        "no barrier before maxima of warps are read",
                        "    __syncthreads();\n    float most",
                        "    float most"),
                new Fault(
                        "barrier in one warp only",
                        "    __syncthreads();\n    real sum = 0;",
                        "    if (threadIdx.x < 32) __syncthreads();\n    real sum = 0;"),
                new Fault(
                        "wrong stride of the targets",
                        "target + (long long)row * target_stride;",
                        "target + (long long)row * columns;"),
                new Fault(
                        "wrong stride of the gradient",
                        "gradient[(long long)row * gradient_stride + c] = weight * (p",
                        "gradient[(long long)row * columns + c] = weight * (p"),
                new Fault(
                        "last loss unwritten",
                        "losses[row] = weight * (mass",
                        "if (row < rows - 1) losses[row] = weight * (mass"),
                new Fault(
                        "last column unwritten",
                        "out[(long long)row * out_stride + c] = expf",
                        "if (c < columns - 1) out[(long long)row * out_stride + c] = expf"),
                new Fault("targets taken to sum to 1", "(p * mass - t[c])", "(p - t[c])"),
                new Fault(
                        "sigmoids that overflow",
                        "const float small = expf(-fabsf(logit))",
                        "const float small = expf(-logit)"),
                new Fault("targets of the other class", "logit > 0.0f ? 1.0f - t : -t", "logit > 0.0f ? t : -t"),
                new Fault("log(1 + small) for a small one", "sum += log1pf(small)", "sum += logf(1.0f + small)"),
                new Fault(
                        "sigmoid minus target by subtraction",
                        "weight * (logit > 0.0f ? share - tail : share + tail)",
                        "weight * (0.0f * tail + 1.0f / (1.0f + expf(-logit)) - t)"),
                new Fault(
                        "wrong stride of the gradient of sigmoids",
                        "gradient[(long long)row * gradient_stride + c] = weight * (logit",
                        "gradient[(long long)row * columns + c] = weight * (logit"),
                new Fault(
                        "last loss of sigmoids unwritten",
                        "losses[row] = weight * sum;",
                        "if (row < rows - 1) losses[row] = weight * sum;"),
                new Fault("scale missing in a loss", "weight * scale * sum", "weight * sum"),
                new Fault(
                        "total of one block's width",
                        "i < count; i += blockDim.x) {\n        sum += values[i]",
                        "i < count && i < 256; i += blockDim.x) {\n        sum += values[i]"),
                new Fault(
                        "rows of pixels overlap",
                        "(long long)row * columns + c]",
                        "(long long)row * (columns - 1) + c]"),
                new Fault("last row unsummed", "sums[row] = sum;", "if (row < rows - 1) sums[row] = sum;"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            crossEntropy(device, source, 5, 137, 3, 31);
            sigmoid(device, source, 5, 137, 3, 31);
            sigmoid(device, source, 50, 1, 0, 31);
            squaredError(device, source, 5, 137, 3, 31);
            total(device, source, 1000, 31);
            rowSums(device, source, 5, 137, 31);
        });
    }

    private static void crossEntropy(Device device, KernelSource source, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
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
            LossKernels kernels = new CudaLoss(device, source);
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
            double unit = (48 + columns) * Values.UNIT;
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
                    double loss = weights[row] * target[i] * (Math.log(sum) - z[i]);
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

    private static void sigmoid(Device device, KernelSource source, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
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
            new CudaLoss(device, source)
                    .sigmoidCrossEntropy(
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
                double unit = 12 * Values.UNIT;
                double size = Math.abs(weights[i / columns]);
                expectedGradient.set(i, slope, unit * size * (Math.abs(share) + tail) + Float.MIN_NORMAL);
                expectedLosses.add(
                        i / columns,
                        weights[i / columns] * loss,
                        (unit + columns * Values.UNIT) * size * loss + Float.MIN_NORMAL);
            }
            expectedGradient.compare("gradient", values.get(gradient));
            expectedLosses.compare("losses", values.get(losses));
        }
    }

    private static void squaredError(Device device, KernelSource source, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] y = values.normal(rows * columns);
            float[] target = values.normal(rows * columns);
            float[] weights = values.normal(rows);
            double scale = 1.0 / Math.max(1, columns);
            MachineArray losses = values.fresh(rows);
            MatrixView gradient = values.fresh(rows, columns, gap);
            new CudaLoss(device, source)
                    .squaredError(
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
                expectedGradient.set(i, 2 * weight * scale * d, 2 * 5 * Values.UNIT * size);
                expectedLosses.add(
                        i / columns, weight * scale * d * d, (columns + 6) * Values.UNIT * size * Math.abs(d));
            }
            expectedGradient.compare("gradient", values.get(gradient));
            expectedLosses.compare("losses", values.get(losses));
        }
    }

    private static void total(Device device, KernelSource source, int count, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] numbers = values.normal(count);
            MachineArray result = values.fresh(1);
            new CudaLoss(device, source).total(values.in(numbers), result);
            Expected expected = new Expected(1);
            for (float number : numbers) {
                expected.add(0, number, (count / 256 + 13) * Values.UNIT * Math.abs(number));
            }
            expected.compare("total", values.get(result));
        }
    }

    private static void rowSums(Device device, KernelSource source, int rows, int columns, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] numbers = values.normal(rows * columns);
            MachineArray sums = values.fresh(rows);
            new CudaLoss(device, source).rowSums(values.in(numbers), sums, columns);
            Expected expected = new Expected(rows);
            for (int k = 0; k < numbers.length; k++) {
                expected.add(k / columns, numbers[k], (columns / 128 + 9) * Values.UNIT * Math.abs(numbers[k]));
            }
            expected.compare("sums", values.get(sums));
        }
    }
}
