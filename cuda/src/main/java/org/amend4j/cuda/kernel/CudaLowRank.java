/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.machine.LowRankKernels;
import org.amend4j.machine.MachineArray;

/** Both skinny products of an adapter's backward pass on a device (low_rank.cu), in single precision. */
final class CudaLowRank extends LowRankKernels {

    /** Ranks of a block. */
    private static final int RANKS = 16;
    /** As the source has them: rows of d in shared memory at a time, their columns, and warps. */
    private static final int STRIP = 16;

    private static final int COLUMNS = 256;
    private static final int WARPS = 8;

    private static final int SHARED_BYTES =
            (STRIP * (COLUMNS + 4) + (COLUMNS + STRIP + WARPS * STRIP) * RANKS) * Float.BYTES;

    private final ModulesByType modules;

    /** Of a source that is whatever its rows are. */
    CudaLowRank(Device device, KernelSource source) {
        this(ModulesByType.only(device, source));
    }

    private CudaLowRank(ModulesByType modules) {
        this.modules = modules;
    }

    static CudaLowRank on(Device device) {
        return new CudaLowRank(ModulesByType.of(device, "low_rank"));
    }

    @Override
    protected void computeGradients(Factors of, Products to, MachineArray scratch) {
        int rows = of.d().rows();
        int columns = of.d().columns();
        int rank = of.rank();
        MachineArray outers = scratch.slice(0, (long) tiles(columns) * rows * rank);
        MachineArray ups = scratch.slice(outers.length(), (long) chunks(rows) * columns * rank);
        KernelModule module = modules.of(of.d());
        if (!of.d().isEmpty()) {
            module.launch(
                    "low_rank_gradients",
                    new LaunchShape(
                            tiles(columns), chunks(rows) * Grids.ceilDiv(rank, RANKS), WARPS * 32, SHARED_BYTES),
                    in(of.d().array()),
                    integer(of.d().stride()),
                    in(of.up().array()),
                    integer(of.up().stride()),
                    in(of.low().array()),
                    integer(of.low().stride()),
                    out(outers),
                    out(ups),
                    integer(rows),
                    integer(columns),
                    integer(rank),
                    integer(chunk(rows)));
        }
        module.launch(
                "low_rank_sums",
                LaunchShape.linear(((long) rows + columns) * rank),
                in(outers),
                in(ups),
                out(to.outer().array()),
                integer(to.outer().stride()),
                out(to.upGradient()),
                real((float) to.outerScale()),
                real((float) to.upScale()),
                real((float) to.beta()),
                integer(rows),
                integer(columns),
                integer(rank),
                integer(tiles(columns)),
                integer(chunks(rows)));
    }
}
