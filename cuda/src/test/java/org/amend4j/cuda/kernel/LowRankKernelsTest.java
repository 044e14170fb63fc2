/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.LowRankKernels;
import org.amend4j.machine.LowRankKernels.Factors;
import org.amend4j.machine.LowRankLaws;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both skinny products in one pass against doubles; planted faults are noticed. */
class LowRankKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("low_rank");

    @ParameterizedTest(name = "[{0}, {1}], rank {2}, gap {3}, beta {4}, seed {5}")
    @CsvSource({
        "1, 1, 1, 0, 0, 1",
        "70, 300, 4, 4, 0, 2",
        "17, 255, 16, 1, 0.5, 3",
        "130, 520, 5, 3, 0, 5",
        "64, 256, 16, 8, 1, 6",
        "40, 260, 23, 0, 0, 8",
        "33, 40, 64, 4, 1, 10",
        "1030, 8, 3, 0, 0, 12",
        "0, 8, 3, 0, 0.5, 14",
        "5, 0, 3, 1, 0, 16"
    })
    void bothProductsAreTheirDefinitions(int rows, int columns, int rank, int gap, double beta, long seed) {
        Caught.holds(
                SOURCE,
                CudaLowRank::new,
                (machine, kernels, type) ->
                        LowRankLaws.gradients(machine, kernels, type, rows, columns, rank, gap, beta, seed));
    }

    /** What blocks leave to the second kernel, written and read, beside d. */
    @Test
    void sumsOfBlocksAreAtMostAQuarterOfWhatIsReadOnce() {
        assertTrue(2 * LowRankKernels.scratch(4096, 4096, 16) <= 4096L * 4096 / 4);
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

    static Stream<Fault> faults() {
        return Stream.of(
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
                new Fault("no barrier behind the strip", "        __syncthreads();  // the strip is there\n", ""),
                new Fault(
                        "no barrier before the sums",
                        "        __syncthreads();  // every warp's outer is there, and the strip may be written again\n",
                        ""),
                new Fault(
                        "other ranks of up",
                        "first_rank + k < rank ? load1(up + (long long)(first_rank + k)",
                        "first_rank + k < rank ? load1(up + (long long)(k)"),
                new Fault(
                        "other ranks of low",
                        "const int of_line = first_rank + threadIdx.x",
                        "const int of_line = threadIdx.x"),
                new Fault("a rank is not written", "if (first + 1 < rank)", "if (first + 2 < rank)"),
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
                        "atomicAdd(counter, 1) < blocks - 1",
                        "atomicAdd(counter, 1) < blocks - 2"),
                new Fault("no block adds up", "atomicAdd(counter, 1) < blocks - 1", "atomicAdd(counter, 1) < blocks"),
                new Fault("the counter is left", "    *counter = 0;\n", ""),
                new Fault("groups of ranks share a counter", "groups + (int)blockIdx.y % groups", "groups"),
                new Fault("tiles share a counter", "gridDim.y + (int)blockIdx.x * groups", "gridDim.y"),
                new Fault(
                        "the last row of a chunk is not added",
                        "i < (end - begin) * RANKS",
                        "i < (end - begin - 1) * RANKS"),
                new Fault("columns behind the last", "columns - tile < COLUMNS ? columns - tile : COLUMNS", "COLUMNS"),
                new Fault("a neighbour left out", "count > 1 ? added", "count > 2 ? added"),
                new Fault("a rank behind the last", "of_row + k < rank", "of_row + k <= rank"),
                new Fault("the gradient's scale forgotten", "beta, scale * sums[k]", "beta, sums[k]"),
                new Fault(
                        "scales change places at the end",
                        "outer_stride, outer_scale, begin",
                        "outer_stride, up_scale, begin"),
                new Fault("scales change places", "outer_scale * added", "up_scale * added"),
                new Fault(
                        "old contents are read without beta", "beta == 0.0f ? sum : beta", "beta != beta ? sum : beta"),
                new Fault("rows without gaps", "outer + i / rank * outer_stride", "outer + i / rank * rank"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, CudaLowRank::new, (machine, kernels, type) -> {
            LowRankLaws.gradients(machine, kernels, type, 70, 263, 18, 3, 0, 7);
            LowRankLaws.gradients(machine, kernels, type, 70, 264, 18, 4, 1, 8);
            LowRankLaws.gradients(machine, kernels, type, 20, 8, 2, 3, 0, 9);
            LowRankLaws.gradients(machine, kernels, type, 70, 300, 20, 0, 0, 10);
            LowRankLaws.gradients(machine, kernels, type, 1030, 8, 2, 3, 0, 11);
        });
    }
}
