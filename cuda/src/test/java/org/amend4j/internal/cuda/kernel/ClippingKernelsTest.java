/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.ClippedRows;
import org.amend4j.internal.backend.ClippingLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Norms are never below those of the exact gradient and of the device's own, however much cancels, and hardly above; clipping
 * against its definition; planted faults, the plain Gram formula among them, are noticed.
 */
@OneIn(3)
class ClippingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("clipping");
    private static final List<ProductPrecision> PRECISIONS = List.of(ProductPrecision.values());

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#shapes")
    void normsAreBoundsInEveryShape(int examples, int steps, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaClipping::new,
                (machine, kernels, type) -> ClippingLaws.bounds(
                        machine, kernels, type, PRECISIONS, ClippedRows.random(examples, steps, seed), gap));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#rows")
    void normsAreBoundsHoweverMuchCancels(ClippedRows rows) {
        Caught.holds(
                SOURCE,
                CudaClipping::new,
                (machine, kernels, type) -> ClippingLaws.bounds(machine, kernels, type, PRECISIONS, rows, 0));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#shapes")
    void weightsAndScaledRowsAreTheirDefinitions(int examples, int steps, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaClipping::new,
                (machine, kernels, type) -> ClippingLaws.clip(machine, kernels, type, examples, steps, gap, seed));
    }

    @Test
    void aWeightNearTheSmallestNormalNumberIsNone() {
        Caught.holds(SOURCE, CudaClipping::new, ClippingLaws::tinyWeights);
    }

    @Test
    void aNormThatIsNotANumberGivesNoWeight() {
        Caught.holds(SOURCE, CudaClipping::new, ClippingLaws::notANumber);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("tiny weights kept", "weight < 7.888609e-31f ? 0.0f : weight", "weight"),
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    real sum = 0;",
                        "    real sum = 0;"),
                new Fault(
                        "lanes that leave a shuffle out",
                        "return warp_sum(sum);",
                        "return (int)(threadIdx.x % 32) < columns ? warp_sum(sum) : 0;"),
                new Fault("wrong stride", "y + t * y_stride", "y + t * y_columns"),
                new Fault("pairs counted once", "(t == u ? 1.0 : 2.0)", "1.0"),
                new Fault(
                        "last step left out", "pair < (long long)steps * steps", "pair < (long long)steps * steps - 1"),
                new Fault("not added to", "old * old + bound * bound", "0 * old + bound * bound"),
                new Fault("the plain Gram formula", "(FLOAT_ROUNDING * roundings + of_pairs)", "0x1p-80"),
                new Fault("never in double", "if (!(64 * error < sums.squares)) {", "if (false) {"),
                new Fault("underflow of one factor", "#define LEAST_SQUARE 1e-30f", "#define LEAST_SQUARE 0.0f"),
                new Fault("roundings of the gradient not counted", "+ product_error * sums.sizes", ""),
                new Fault("roundings of formed products not counted", "2.0 * product_error", "0.0"),
                new Fault("formed squares that overflow", "squares > 1e-20 && squares < 1e30", "squares > 1e-20"),
                new Fault("formed squares that underflow", "squares > 1e-20 && squares < 1e30", "squares < 1e30"),
                new Fault(
                        "formed with one row's size", "t < steps; t += blockDim.x / 32", "t < 1; t += blockDim.x / 32"),
                new Fault("last weight unwritten", "i < examples; i +=", "i < examples - 1; i +="),
                new Fault("weights above 1", "norms[i] <= bound ? 1.0f : bound", "bound"),
                new Fault(
                        "weight 1 for a NaN",
                        "norms[i] <= bound ? 1.0f : bound / norms[i]",
                        "fminf(1, bound / norms[i])"),
                new Fault("weights by row", "weights[row / steps]", "weights[row % steps]"),
                new Fault(
                        "written in a wrong stride",
                        "out[(long long)row * out_stride + column] = weights",
                        "out[(long long)row * columns + column] = weights"));
    }

    @OneIn(4)
    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaClipping::new, (machine, kernels, type) -> {
            ClippingLaws.bounds(machine, kernels, type, PRECISIONS, ClippedRows.random(7, 4, 31), 3);
            ClippingLaws.rows().forEach(rows -> ClippingLaws.bounds(machine, kernels, type, PRECISIONS, rows, 0));
            ClippingLaws.clip(machine, kernels, type, 7, 4, 3, 31);
            ClippingLaws.notANumber(machine, kernels, type);
            ClippingLaws.tinyWeights(machine, kernels, type);
        });
    }
}
