/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.LowRankKernels.Factors;
import org.amend4j.internal.backend.LowRankLaws;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both skinny products in one pass against doubles; planted faults are noticed. */
class LowRankKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("low_rank");

    /** Aligned and not; several tiles, chunks and groups of ranks; so many tiles that a chunk's rows are not added up together. */
    @ParameterizedTest(name = "[{0}, {1}], rank {2}, gap {3}, seed {4}")
    @CsvSource({
        "1, 1, 1, 0, 1",
        "70, 300, 4, 4, 2",
        "17, 255, 16, 1, 3",
        "130, 520, 5, 3, 5",
        "64, 256, 16, 8, 6",
        "40, 260, 23, 0, 8",
        "33, 40, 64, 4, 10",
        "1030, 8, 3, 0, 12",
        "70, 4357, 2, 1, 15",
        "0, 8, 3, 0, 14"
    })
    void theProductsAreTheirDefinitions(int rows, int columns, int rank, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLowRank::new,
                (machine, kernels, type) ->
                        LowRankLaws.products(machine, kernels, type, rows, columns, rank, gap, seed));
    }

    /** What blocks leave to each other and to later launches, written and read, beside d. */
    @Test
    void sumsOfBlocksAreAtMostAQuarterOfWhatIsReadOnce() {
        long sums = 4096L * LowRankKernels.scratchOfRow(4096, 16) + LowRankKernels.chunks(4096) * 4096L * 16;
        assertTrue(2 * sums <= 4096L * 4096 / 4);
    }

    @Test
    void wrongShapesAndRanksAreRefused() {
        try (Device device = EmulatedDevices.plain();
                MachineArray array = device.allocate("test", new float[65 * 4])) {
            MatrixView rows = MatrixView.of(array, 3, 4);
            refused("rank must be in [1, 64], got 65", () -> new Factors(rows, MatrixView.of(array, 65, 4), rows));
            refused("low must be [3, 2], got [3, 4]", () -> new Factors(rows, MatrixView.of(array, 2, 4), rows));
            refused("up must be [2, 4], got [2, 3]", () -> new Factors(rows, MatrixView.of(array, 2, 3), rows));
        }
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "behind the chunk is read",
                        "if (row < end && column < columns)",
                        "if (row <= end && column < columns)"),
                new Fault(
                        "a column is left out",
                        "count > 3 ? __float_as_uint(from[3]) : 0u",
                        "count > 4 ? __float_as_uint(from[3]) : 0u"),
                new Fault(
                        "rows change places",
                        "loaded[i], d);\n        }\n        const int line",
                        "loaded[MOVES - 1 - i], d);\n        }\n        const int line"),
                new Fault(
                        "no barrier behind the strip",
                        "        __syncthreads();  // the strip is there, and all sums of the one before are\n",
                        ""),
                new Fault(
                        "no barrier before the sums",
                        "        __syncthreads();  // every warp's outer is there, and the strip may be written again\n",
                        ""),
                new Fault(
                        "other ranks of up", "load1(up + (long long)(at.first_rank + k)", "load1(up + (long long)(k)"),
                new Fault(
                        "other ranks of low",
                        "const int of_line = at.first_rank + threadIdx.x",
                        "const int of_line = threadIdx.x"),
                new Fault("a rank behind the last is written", "if (first + k < rank)", "if (first + k <= rank)"),
                new Fault("a rank in the place of another", "to[(first + k) * apart]", "to[first * apart]"),
                new Fault("a gradient is not turned", "TURNED ? columns : 1", "1"),
                new Fault("all chunks leave their sums at one place", "(long long)at.chunk * columns * rank", "0"),
                new Fault(
                        "a column's up is another's",
                        "sum = add_product4(sum, a.z, b[2]);",
                        "sum = add_product4(sum, a.z, b[1]);"),
                new Fault(
                        "a warp is not added",
                        "for (int w = 0; w < WARPS; w++)",
                        "for (int w = 0; w < WARPS - 1; w++)"),
                new Fault(
                        "rows of the strip are left out",
                        "for (int row = 0; row < STRIP; row++)",
                        "for (int row = 0; row < STRIP - 1; row++)"),
                new Fault(
                        "the last part is not added",
                        "part < parts; part++) {\n        sum += partial",
                        "part < parts - 1; part++) {\n        sum += partial"),
                new Fault(
                        "a part of four is not added",
                        "part < parts; part++) {\n        sum = add4",
                        "part < parts - 1; part++) {\n        sum = add4"),
                new Fault(
                        "a block too early adds up",
                        "atomicAdd(counter, 1) == blocks - 1",
                        "atomicAdd(counter, 1) == blocks - 2"),
                new Fault("no block adds up", "atomicAdd(counter, 1) == blocks - 1", "atomicAdd(counter, 1) == blocks"),
                new Fault("the counter is left", "        *counter = 0;\n", ""),
                new Fault("groups of ranks share a counter", "* at.groups + at.group;", "* at.groups;"),
                new Fault(
                        "parts of a chunk share a counter",
                        "(end - 1 - at.begin) / to.together) * at.groups",
                        "0) * at.groups"),
                new Fault(
                        "only the last rows of a chunk are added up", "(first - at.begin) % to.together == 0", "false"),
                new Fault("the last row is not added", "i < (end - begin) * RANKS", "i < (end - begin - 1) * RANKS"),
                new Fault("a rank behind the last", "k < 4 && of_row + k < rank", "k < 4 && of_row + k <= rank"),
                new Fault("outer without its scale", "store1(to + 1, scale * sum.y)", "store1(to + 1, sum.y)"),
                new Fault("outer without gaps", "outer + row * stride + of_row", "outer + row * rank + of_row"),
                new Fault(
                        "not all of what was left is added up",
                        "i < numbers; i += threads",
                        "i < numbers - 1; i += threads"),
                new Fault("another's share of what was left", "blockIdx.y * gridDim.x + blockIdx.x", "blockIdx.x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaLowRank::new, (machine, kernels, type) -> {
            LowRankLaws.products(machine, kernels, type, 70, 263, 18, 3, 7);
            LowRankLaws.products(machine, kernels, type, 70, 264, 18, 4, 8);
            LowRankLaws.products(machine, kernels, type, 20, 8, 2, 3, 9);
            LowRankLaws.products(machine, kernels, type, 70, 300, 20, 0, 10);
            LowRankLaws.products(machine, kernels, type, 1030, 8, 2, 3, 11);
            LowRankLaws.products(machine, kernels, type, 64, 4353, 1, 0, 12);
        });
    }
}
