/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.ActivationLaws;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.network.Activation;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Activations, the adapter's epilogue and gradients against doubles; planted faults are noticed. */
class ActivationKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("activation");

    @OverMatrices
    void anAdapterEpilogueIsItsDefinition(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaActivation::new,
                (machine, kernels, type) -> ActivationLaws.epilogue(
                        machine, kernels, type, rows, columns, gap, seed, Activation.Kind.TANH));
    }

    @OverMatrices
    void aGradientAndItsColumnSumsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaActivation::new,
                (machine, kernels, type) -> ActivationLaws.gradient(
                        machine, kernels, type, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    /** Four columns at once: rows that begin at multiples of 16 bytes, and twins whose rows or arrays do not. */
    @ParameterizedTest(name = "{0} x {1}, gap {2}, {3}, seed {4}")
    @CsvSource({
        "1, 4, 0, RELU, 26",
        "70, 36, 4, IDENTITY, 26",
        "70, 36, 4, IDENTITY, 27",
        "70, 36, 2, IDENTITY, 26",
        "150, 260, 0, IDENTITY, 26",
        "150, 260, 1, IDENTITY, 26",
        "9, 36, 0, RELU, 26",
        "131, 1028, 8, TANH, 26"
    })
    void fourColumnsAtOnceAreTheirDefinitions(int rows, int columns, int gap, Activation.Kind kind, long seed) {
        Caught.holds(SOURCE, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.plain(machine, kernels, type, rows, columns, gap, seed, kind);
            ActivationLaws.epilogue(machine, kernels, type, rows, columns, gap, seed, kind);
            ActivationLaws.gradient(machine, kernels, type, rows, columns, gap, seed, kind);
        });
    }

    /** Narrow ones in one launch, with rows for every thread and without; others, and what has no rows, in chunks. */
    @ParameterizedTest(name = "{0} x {1}, gap {2}, beta {3}, seed {4}")
    @CsvSource({
        "1, 1, 0, 0, 26",
        "2500, 10, 0, 0, 26",
        "1025, 64, 3, 0.5, 27",
        "1024, 3, 1, 1, 27",
        "70, 65, 0, 0.5, 26",
        "16385, 2, 0, 0, 26",
        "0, 10, 0, 0, 26",
        "0, 10, 0, 0.5, 26"
    })
    void columnSumsAreTheirDefinition(int rows, int columns, int gap, double beta, long seed) {
        Caught.holds(
                SOURCE,
                CudaActivation::new,
                (machine, kernels, type) ->
                        ActivationLaws.columnSums(machine, kernels, type, rows, columns, gap, beta, seed));
    }

    static Stream<Planted> faultsOfNarrowSums() {
        return Planted.in(
                SOURCE,
                new Fault("the first rows only", "row < rows; row += blockDim.x", "row < rows; row += rows"),
                new Fault(
                        "the last row left out", "row < rows; row += blockDim.x", "row < rows - 1; row += blockDim.x"),
                new Fault("a row behind the last", "row < rows; row += blockDim.x", "row <= rows; row += blockDim.x"),
                new Fault("rows without gaps", "row * values_stride", "row * columns"),
                new Fault(
                        "a warp's sum only", "sum = block_sum(sum, scratch);", "sum = scratch ? warp_sum(sum) : sum;"),
                new Fault("old sums are read without beta", "beta == 0.0f ? sum : beta", "beta"),
                new Fault("beta forgotten", "beta * sums[column] + sum", "sums[column] + sum"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faultsOfNarrowSums")
    @Tag("exhaustive")
    void aPlantedFaultOfNarrowSumsIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.columnSums(machine, kernels, type, 1100, 3, 1, 0, 31);
            ActivationLaws.columnSums(machine, kernels, type, 40, 3, 1, 0.5, 31);
        });
    }

    @OverMatrices
    void aGradientWithWhatAnAdapterSendsBackIsItsDefinition(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaActivation::new,
                (machine, kernels, type) -> ActivationLaws.adapterGradient(
                        machine, kernels, type, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    @ParameterizedTest(name = "{0}, seed 21")
    @EnumSource(Activation.Kind.class)
    @OneIn(3)
    void everyActivationAndItsDerivativeAreTheirDefinitions(Activation.Kind kind) {
        Caught.holds(SOURCE, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.plain(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.epilogue(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.gradient(machine, kernels, type, 19, 45, 1, 21, kind);
            ActivationLaws.adapterGradient(machine, kernels, type, 19, 45, 1, 21, kind);
        });
    }

    @ParameterizedTest(name = "{0}, seed 24")
    @EnumSource(Activation.Kind.class)
    void aNaNStaysOneForwardAndBackward(Activation.Kind kind) {
        Caught.holds(
                SOURCE,
                CudaActivation::new,
                (machine, kernels, type) -> ActivationLaws.notANumber(machine, kernels, type, kind));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "a rectifier that forgets NaN", "return z <= 0.0f ? 0.0f : z;", "return z > 0.0f ? z : 0.0f;"),
                new Fault(
                        "bounds that forget NaN",
                        "return z <= least ? least : z >= most ? most : z;",
                        "return fminf(most, fmaxf(least, z));"),
                new Fault("a derivative that forgets NaN", "if (z != z) {", "if (false) {"),
                new Fault(
                        "no barrier after loading the tile",
                        "        __syncthreads();\n        if (in_fours) {",
                        "        if (in_fours) {"),
                new Fault(
                        "no barrier before the next tile",
                        "        __syncthreads();  // the tile is written again\n",
                        ""),
                new Fault(
                        "barrier that some threads miss",
                        "        __syncthreads();  // the tile is written again\n",
                        "        if (column < columns) __syncthreads();\n"),
                new Fault(
                        "wrong stride of the output",
                        "store1(out + (long long)row * out_stride + column, activate",
                        "store1(out + (long long)row * columns + column, activate"),
                new Fault(
                        "wrong stride of B",
                        "up[(long long)k * up_stride + column]",
                        "up[(long long)k * columns + column]"),
                new Fault("unwritten tail of rows", "if (row < count) {", "if (row < count - 1) {"),
                new Fault(
                        "unwritten tail of columns",
                        "column < columns; column += gridDim.x",
                        "column < columns - 1; column += gridDim.x"),
                new Fault("written behind the last row", "if (row < count) {", "if (row < TILE) {"),
                new Fault(
                        "sum without the last row of a chunk",
                        "row < end; row++) {\n        float d",
                        "row < end - 1; row++) {\n        float d"),
                new Fault("four columns at any address", "% 16 == 0 && stride % 4 == 0", "% 16 == 0"),
                new Fault("columns of the first thread only", "thread % quads * 4", "0"),
                new Fault("every row from the first on", "blockIdx.y * lines + thread / quads", "blockIdx.y * lines"),
                new Fault(
                        "rows of the first grid only",
                        "row < rows; row += gridDim.y * lines",
                        "row < rows; row += rows"),
                new Fault(
                        "four biases twice",
                        "product_stride + column), shift);",
                        "product_stride + column), add4(shift, shift));"),
                new Fault("the second row of two forgotten", "first + line + 1 < rows ? 1 : 0", "0"),
                new Fault("a row behind the last", "first + line + 1 < rows ? 1 : 0", "1"),
                new Fault("the first row twice", "tile[(line + 1) * rank + k]", "tile[line * rank + k]"),
                new Fault("the scale of four forgotten", "+ column), scale, sums)", "+ column), 1.0f, sums)"),
                new Fault("all rows in every quarter", "row < end; row += LINES", "row < end; row++"),
                new Fault(
                        "no barrier before quarters are added up",
                        "        __syncthreads();\n        if (partial && column < columns) {",
                        "        if (partial && column < columns) {"),
                new Fault("a quarter forgotten", "of < LINES; of++", "of < LINES - 1; of++"),
                new Fault("a function that is known as another", "case RELU: call(RELU)", "case RELU: call(IDENTITY)"),
                new Fault("column sums of one chunk", "chunk < chunks; chunk++", "chunk < 1; chunk++"),
                new Fault("old sums read without beta", "beta == 0.0f ? sum : beta", "beta"),
                new Fault("old sums forgotten", "beta == 0.0f ? sum : beta * sums[column] + sum", "sum"),
                new Fault("beta forgotten", "beta * sums[column] + sum", "sums[column] + sum"),
                new Fault(
                        "no barrier before the next tile of a chunk",
                        "        __syncthreads();  // the tile is loaded again\n",
                        ""),
                new Fault(
                        "no barrier after loading the tile of a chunk",
                        "        __syncthreads();  // the tile is there\n",
                        ""),
                new Fault("what an adapter sends back forgotten", " + scale * sums[r];", ";"),
                new Fault(
                        "wrong stride of A",
                        "*line = up + (long long)k * up_stride",
                        "*line = up + (long long)k * columns"),
                new Fault("a chunk's last tile cut short", "r < TILE && r < count;", "r < TILE && r < count - 1;"),
                new Fault("written behind a chunk's last row", "r < TILE && r < count;", "r < TILE;"),
                new Fault("a gradient's sum left out", "total += d;", "total = d;"),
                new Fault("derivative of the value", "return 1.0f - t * t;", "return 1.0f - t;"),
                new Fault(
                        "a distribution of the other side",
                        "z * 0.5f * erfcf(-ROOT_HALF * z)",
                        "z * 0.5f * erfcf(ROOT_HALF * z)"),
                new Fault("a density forgotten", "z * NORMAL_DENSITY * expf", "0.0f * NORMAL_DENSITY * expf"),
                new Fault(
                        "half the angle of a hyperbolic tangent",
                        "z * sigmoid(2.0f * gelu_inner(z))",
                        "z * sigmoid(gelu_inner(z))"),
                new Fault(
                        "the cube's slope forgotten",
                        "(1.0f + 3.0f * GELU_CUBE * z * z)",
                        "(1.0f + GELU_CUBE * z * z)"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.plain(machine, kernels, type, 70, 37, 3, 31, Activation.Kind.TANH);
            ActivationLaws.epilogue(machine, kernels, type, 70, 37, 3, 31, Activation.Kind.TANH);
            wideGrid(machine, kernels, type);
            ActivationLaws.gradient(machine, kernels, type, 150, 37, 3, 31, Activation.Kind.TANH);
            inQuads(machine, kernels, type);
            ActivationLaws.adapterGradient(machine, kernels, type, 150, 37, 3, 31, Activation.Kind.TANH);
            for (Activation.Kind kind : List.of(Activation.Kind.GELU_EXACT, Activation.Kind.GELU_TANH)) {
                ActivationLaws.plain(machine, kernels, type, 9, 37, 3, 31, kind);
                ActivationLaws.gradient(machine, kernels, type, 9, 37, 3, 31, kind);
            }
            for (Activation.Kind kind : Activation.Kind.values()) {
                ActivationLaws.notANumber(machine, kernels, type, kind);
            }
        });
    }

    /** Aligned rows, some that are not, and more than blocks can take at once. */
    private static void inQuads(Machine machine, ActivationKernels kernels, ElementType type) {
        Activation.Kind kind = Activation.Kind.RELU;
        ActivationLaws.plain(machine, kernels, type, 75, 36, 4, 32, kind);
        ActivationLaws.plain(machine, kernels, type, 5, 36, 1, 32, kind);
        ActivationLaws.plain(machine, kernels, type, 4096 * 32 + 9, 4, 0, 32, kind);
        ActivationLaws.epilogue(machine, kernels, type, 75, 36, 4, 32, kind);
        ActivationLaws.gradient(
                machine, kernels, type, 150, 36, 4, 34, kind); // of seed 32 a number is next to the corner
    }

    /** More rows than blocks can take at once, so that blocks come back for another tile. */
    private static void wideGrid(Machine machine, ActivationKernels kernels, ElementType type) {
        ActivationLaws.epilogue(machine, kernels, type, 4096 * 8 + 40, 2, 0, 31, Activation.Kind.RELU);
    }

    @Test
    void scratchForMoreRowsIsEnoughForFewer() {
        for (int rows = 1; rows < 200_000; rows += 61) {
            long fewer = ActivationKernels.sumsScratch(rows - 1, 3);
            assertTrue(fewer <= ActivationKernels.sumsScratch(rows, 3), "rows " + rows);
        }
        assertEquals(1024 * 7, ActivationKernels.sumsScratch(Integer.MAX_VALUE, 7));
    }

    /** The most chunks there are: 64 rows each, and then longer ones. */
    @Tag("exhaustive")
    @OneIn(2)
    @ParameterizedTest(name = "{0} rows, seed 22")
    @ValueSource(ints = {1024 * 64, 1024 * 64 + 1})
    void theSumsOfTallMatricesFitInTheirScratch(int rows) {
        Caught.holds(SOURCE, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.gradient(machine, kernels, type, rows, 1, 0, 22, Activation.Kind.RELU);
        });
    }

    @Test
    void tooLittleScratchIsRefused() {
        Caught.holds(SOURCE, CudaActivation::new, ActivationLaws::tooLittleScratch);
    }
}
