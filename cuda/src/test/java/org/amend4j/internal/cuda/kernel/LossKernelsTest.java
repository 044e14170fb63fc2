/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.LossLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Softmax, losses, their gradients and totals against doubles; planted faults are noticed. */
@OneIn(2)
class LossKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("loss");

    @OverMatrices
    void softmaxCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.crossEntropy(machine, kernels, type, rows, columns, gap, seed));
    }

    @OverMatrices
    void tokenCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.tokens(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void tokenCrossEntropyOfAVocabularyIsItsDefinition() {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.tokens(machine, kernels, type, 2, 5000, 1, 23));
    }

    @Test
    void aLabelThatIsNoColumnGivesNaNAndNoAccess() {
        Caught.holds(SOURCE, CudaLoss::new, LossLaws::unknownLabel);
    }

    @OverMatrices
    void sigmoidCrossEntropyAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.sigmoid(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void anInfiniteLogitOfASureTargetIsNoLoss() {
        Caught.holds(SOURCE, CudaLoss::new, LossLaws::infiniteLogit);
    }

    @OverMatrices
    void squaredErrorAndItsGradientAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.squaredError(machine, kernels, type, rows, columns, gap, seed));
    }

    @ParameterizedTest(name = "{0} values, seed 21")
    @MethodSource("org.amend4j.internal.backend.LossLaws#counts")
    void aTotalIsTheSum(int count) {
        Caught.holds(
                SOURCE, CudaLoss::new, (machine, kernels, type) -> LossLaws.total(machine, kernels, type, count, 21));
    }

    @ParameterizedTest(name = "{0} rows of {1}, seed 22")
    @MethodSource("org.amend4j.internal.backend.LossLaws#rowsOfSums")
    void aSumOfARowIsTheSum(int rows, int columns) {
        Caught.holds(
                SOURCE,
                CudaLoss::new,
                (machine, kernels, type) -> LossLaws.rowSums(machine, kernels, type, rows, columns, 22));
    }

    /** Whatever its target. */
    @Test
    void aNaNIsTheLossAndTheGradientOfItsRow() {
        Caught.holds(SOURCE, CudaLoss::new, LossLaws::notANumber);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
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
                new Fault("last row unsummed", "sums[row] = sum;", "if (row < rows - 1) sums[row] = sum;"),
                new Fault("a running sum that is not rescaled", "sum *= expf(most - logit);", ""),
                new Fault("sums of threads with maxima of their own", "sum * expf(most - highest)", "sum"),
                new Fault(
                        "the next column is the label's", "c == label ? p - 1.0f : p", "c == label + 1 ? p - 1.0f : p"),
                new Fault(
                        "the label's logit read when it is overwritten",
                        "(own - highest)",
                        "(0.0f * own + in[label] - highest)"),
                new Fault("ignored rows left as they are", "to[c] = value;", "if (label > 0) to[c] = value;"),
                new Fault("a last label that is no column", "label >= columns", "label >= columns - 1"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaLoss::new, (machine, kernels, type) -> {
            LossLaws.crossEntropy(machine, kernels, type, 5, 137, 3, 31);
            LossLaws.tokens(machine, kernels, type, 5, 137, 3, 31);
            LossLaws.unknownLabel(machine, kernels, type);
            LossLaws.sigmoid(machine, kernels, type, 5, 137, 3, 31);
            LossLaws.sigmoid(machine, kernels, type, 50, 1, 0, 31);
            LossLaws.squaredError(machine, kernels, type, 5, 137, 3, 31);
            LossLaws.total(machine, kernels, type, 1000, 31);
            LossLaws.rowSums(machine, kernels, type, 5, 137, 31);
        });
    }
}
