/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.ElementwiseLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Elementwise vertices, merging, splitting and transposing against their definitions; planted faults are noticed. */
class ElementwiseKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("elementwise");

    @ParameterizedTest(name = "{0} elements, seed 11")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#counts")
    void sumsAndProductsAreTheirDefinitions(int count) {
        Caught.holds(
                SOURCE,
                CudaElementwise::new,
                (machine, kernels, type) -> ElementwiseLaws.arithmetic(machine, kernels, type, count, 11));
    }

    @ParameterizedTest(name = "{0} elements, seed 14")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#counts")
    void aMaximumIsTheGreaterAndItsGradientGoesThere(int count) {
        Caught.holds(
                SOURCE,
                CudaElementwise::new,
                (machine, kernels, type) -> ElementwiseLaws.maximum(machine, kernels, type, count, 14));
    }

    @Test
    void aNaNIsTheMaximumOnEitherSide() {
        Caught.holds(SOURCE, CudaElementwise::new, ElementwiseLaws::maximumOfNaN);
    }

    @ParameterizedTest(name = "{0} rows, seed 12")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#rowCounts")
    void mergingAndSplittingMoveEveryElement(int rows) {
        Caught.holds(
                SOURCE,
                CudaElementwise::new,
                (machine, kernels, type) -> ElementwiseLaws.merge(machine, kernels, type, rows, 12));
    }

    @ParameterizedTest(name = "{0} of {1} x {2}, seed 13")
    @MethodSource("org.amend4j.internal.backend.ElementwiseLaws#matrices")
    void transposingMovesEveryElement(int batch, int rows, int columns) {
        Caught.holds(
                SOURCE,
                CudaElementwise::new,
                (machine, kernels, type) ->
                        ElementwiseLaws.transpose(machine, kernels, type, batch, rows, columns, 13));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "last sum left out",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        store1(out + i, b",
                        "i < count - 1; i += (long long)gridDim.x * blockDim.x) {\n        store1(out + i, b"),
                new Fault(
                        "product written behind the end",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        store1(out + i, load1(a",
                        "i <= count; i += (long long)gridDim.x * blockDim.x) {\n        store1(out + i, load1(a"),
                new Fault("ties to the second", "return a >= b ||", "return a > b ||"),
                new Fault("gradient to both", "to_b[i] = first ? static_cast<VALUE>(0) : d;", "to_b[i] = d;"),
                new Fault(
                        "nothing for the other",
                        "to_a[i] = first ? d : static_cast<VALUE>(0);",
                        "if (first) to_a[i] = d;"),
                new Fault(
                        "the lesser",
                        "first_is_greater(load1(a + i), load1(b + i)) ? a[i] : b[i]",
                        "first_is_greater(load1(a + i), load1(b + i)) ? b[i] : a[i]"),
                new Fault(
                        "wrong stride of the merged rows",
                        "out[(long long)row * out_stride + column] = in",
                        "out[(long long)row * columns + column] = in"),
                new Fault(
                        "no barrier after loading the tile",
                        "        __syncthreads();\n        for (int i = y;",
                        "        for (int i = y;"),
                new Fault(
                        "no barrier before the next tile",
                        "        __syncthreads();  // the tile is written again\n",
                        ""),
                new Fault("shared memory overrun", "tile[i * (SIDE + 1) + x] = in", "tile[i * (SIDE + 2) + x] = in"),
                new Fault(
                        "last row of a tile unwritten",
                        "if (left + i < columns && top + x < rows)",
                        "if (left + i < columns - 1 && top + x < rows)"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaElementwise::new, (machine, kernels, type) -> {
            ElementwiseLaws.arithmetic(machine, kernels, type, 300, 31);
            ElementwiseLaws.maximum(machine, kernels, type, 300, 31);
            ElementwiseLaws.merge(machine, kernels, type, 5, 31);
            ElementwiseLaws.transpose(machine, kernels, type, 3, 40, 40, 31);
            ElementwiseLaws.transpose(machine, kernels, type, 4098, 2, 2, 31); // blocks come back for another tile
        });
    }
}
