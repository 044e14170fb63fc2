/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.KernelLaw;
import org.amend4j.internal.backend.RowAttentionKernels;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.backend.RowAttentionLaws;
import org.amend4j.internal.backend.RowAttentionLaws.Case;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.AssertionFailedError;

/** Attention on tensor cores: the laws of attention, with factors that are rounded; planted faults are noticed. */
class TensorAttentionKernelsTest {

    private static CudaRowAttention.Products products(ProductPrecision precision) {
        return precision == ProductPrecision.BF16 ? CudaRowAttention.Products.BF16 : CudaRowAttention.Products.TF32;
    }

    private static BiFunction<Device, KernelSource, RowAttentionKernels> kernels(ProductPrecision precision) {
        return (device, source) -> new CudaRowAttention(device, source, products(precision));
    }

    private static void holds(ProductPrecision precision, KernelLaw<RowAttentionKernels> law) {
        Caught.holds(products(precision).text(), kernels(precision), law);
    }

    private static KernelLaw<RowAttentionKernels> attention(Case of, ProductPrecision precision) {
        return (machine, kernels, type) -> RowAttentionLaws.attention(machine, kernels, type, of, precision);
    }

    static Stream<ProductPrecision> precisions() {
        return Stream.of(ProductPrecision.TF32, ProductPrecision.BF16);
    }

    static Stream<Arguments> cases() {
        return precisions().flatMap(precision -> RowAttentionLaws.cases().map(of -> arguments(precision, of)));
    }

    @OneIn(25)
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void attentionAndItsGradientsAreThoseOfRoundedFactors(ProductPrecision precision, Case of) {
        holds(precision, attention(of, precision));
    }

    /** Two parts of 128 columns, the second not filled, and one that is filled. */
    @ParameterizedTest
    @MethodSource("precisions")
    @OneIn(2)
    @Tag("exhaustive")
    void aHeadMayBeOfAnySize(ProductPrecision precision) {
        OptionalInt all = OptionalInt.empty();
        holds(precision, attention(new Case(new Rule(2, 1, 130, false, all), new int[] {67}, 0, 0, 35), precision));
        holds(precision, attention(new Case(new Rule(1, 1, 128, true, all), new int[] {70}, 0, 0, 36), precision));
    }

    @ParameterizedTest
    @MethodSource("precisions")
    void rowsMayLieAnywhereBitForBit(ProductPrecision precision) {
        holds(precision, RowAttentionLaws::atAnyAddress);
        holds(precision, RowAttentionLaws::anywhere);
    }

    @ParameterizedTest
    @MethodSource("precisions")
    void whatAQueryDoesNotSeeHasNoWeight(ProductPrecision precision) {
        holds(precision, RowAttentionLaws::unseen);
    }

    @ParameterizedTest
    @MethodSource("precisions")
    void scoresMayBeGreat(ProductPrecision precision) {
        holds(precision, RowAttentionLaws::greatScores);
    }

    @ParameterizedTest
    @MethodSource("precisions")
    void aNaNOfAQueryStaysInItsHead(ProductPrecision precision) {
        holds(precision, RowAttentionLaws::notANumber);
    }

    /** The law is no looser than what it is about: other factors do not keep it, finer ones neither. */
    @ParameterizedTest
    @MethodSource("precisions")
    @OneIn(2)
    void attentionOfOtherFactorsIsNoticed(ProductPrecision precision) {
        Case of = new Case(new Rule(2, 2, 16, true, OptionalInt.empty()), new int[] {129}, 5, 0, 17);
        assertThrows(AssertionFailedError.class, () -> holds(precision, attention(of, ProductPrecision.FP32)));
        precisions().filter(other -> other != precision).forEach(other -> {
            assertThrows(AssertionFailedError.class, () -> holds(precision, attention(of, other)));
        });
    }

    @Test
    void cardsFrom80OnHaveThem() {
        assertEquals(80, CudaRowAttention.Products.BF16.text().leastArchitecture());
        assertEquals(80, CudaRowAttention.Products.TF32.text().leastArchitecture());
        assertEquals(75, CudaRowAttention.Products.SINGLE.text().leastArchitecture());
    }

    private static Fault[] wrongNumbers() {
        return new Fault[] {
            new Fault(
                    "another step's words of the left factor",
                    "kept ? 2 + step : 0",
                    "kept ? 2 + (step > 0 ? step - 1 : 0) : 0"),
            new Fault(
                    "the left factor is never copied",
                    "|| head > first_head);\n            if (step",
                    "|| head >= first_head);\n            if (step"),
            new Fault(
                    "keys behind the last have weights",
                    "seen = column < count && sees(at.first + strip_row(half)",
                    "seen = column <= count && sees(at.first + strip_row(half)"),
            new Fault("a running sum that is not rescaled", "totals[half] *= kept;", ""),
            new Fault("a running result that is not rescaled", "sums[part][n][e] *= kept;", ""),
            new Fault("L without the greatest score", "most[half] + logf(total)", "logf(total)"),
            new Fault(
                    "a sum of two of four lanes",
                    "return value + __shfl_xor_sync(0xFFFFFFFFu, value, 2)",
                    "return value"),
            new Fault("gradient of one head of a group", "head <= last_head; head++) {", "head < last_head; head++) {"),
            new Fault("dQ without the row sum", "- of_row[e / 2].delta", "- 0.0f * of_row[e / 2].delta"),
            new Fault("dK without the row sum", "- of_column.delta", "- 0.0f * of_column.delta"),
            new Fault("columns of another lane", "lane_of() % 4 * 2 + element % 2", "lane_of() % 4 + element % 2 * 4"),
            new Fault("rows of another lane", "lane_of() / 4 + 8 * half", "lane_of() / 4 * 2 + half"),
            new Fault("right factors in another order", "lane_of() / 8 % 2 * 4", "lane_of() / 16 * 4"),
            new Fault("left factors in another order", "+ lane_of() / 16 * 4;\n", "+ lane_of() / 8 % 2 * 4;\n"),
            new Fault("a row behind the last is read", "row < part.rows.count ?", "row <= part.rows.count ?"),
            new Fault("last column unwritten", "row < count && column < size", "row < count && column < size - 1"),
            new Fault("columns that are not copied", "size - from > STRIP ? COLUMNS / STRIP : 1", "1")
        };
    }

    private static Fault[] wrongOrder() {
        return new Fault[] {
            new Fault("weights in another order", "word % 4 * 2 + word % 8 / 4", "word % 8"),
            new Fault("a misaligned line", "#define WORD_STRIDE (WORDS + 4)", "#define WORD_STRIDE (WORDS + 3)"),
            new Fault(
                    "no wait for copies",
                    "cp_async_wait<0>();\n    __syncthreads();  // all of it is there, and words",
                    "__syncthreads();  //"),
            new Fault(
                    "a wait for all copies but the last",
                    "cp_async_wait<0>();\n    __syncthreads();  // all of it is there, and no",
                    "cp_async_wait<1>();\n    __syncthreads();  //"),
            new Fault("copies that are not committed", "cp_async_commit();\n}\n\n__device__", "}\n\n__device__"),
            new Fault("no barrier before words of rows", "__syncthreads();  // all of it is there, and words", "//"),
            new Fault("no barrier before words of columns", "__syncthreads();  // all of it is there, and no", "//"),
            new Fault("no barrier behind words of rows", "__syncthreads();  // words are written, panels", "//"),
            new Fault("no barrier behind words of columns", "__syncthreads();  // words are written, no", "//")
        };
    }

    /** Numbers in the precision with the wider tolerance. */
    static Stream<Arguments> faults() {
        return Stream.concat(in(ProductPrecision.BF16, wrongNumbers()), in(ProductPrecision.TF32, wrongOrder()));
    }

    private static Stream<Arguments> in(ProductPrecision precision, Fault... faults) {
        return Planted.in(products(precision).text(), faults).map(fault -> arguments(fault, precision));
    }

    /**
     * Two groups, a window longer than a tile, a head that has a second half and does not fill it; every key seen, in a head so small that
     * left factors stay; and rows that are copied.
     */
    @OneIn(6)
    @ParameterizedTest(name = "{0}, {1}, seed 51")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault, ProductPrecision precision) {
        Case of = new Case(new Rule(4, 2, 67, true, OptionalInt.of(67)), new int[] {2, 135}, 3, 1, 51);
        Case whole = new Case(new Rule(2, 1, 5, false, OptionalInt.empty()), new int[] {70}, 1, 2, 14);
        Caught.mustFail(fault, kernels(precision), (machine, kernels, type) -> {
            RowAttentionLaws.attention(machine, kernels, type, of, precision);
            RowAttentionLaws.attention(machine, kernels, type, whole, precision);
            RowAttentionLaws.atAnyAddress(machine, kernels, type);
        });
    }
}
