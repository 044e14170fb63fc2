/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Device;
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

    /**
     * So many sums at most a block adds up alone, which it does while the rest of the card has nothing to do: 64 KiB. Where they are more, they are
     * divided among all blocks of a second launch.
     */
    private static final int MOST_ADDED = 1 << 14;

    private final ModulesByType modules;
    private final MachineArray counters;

    /** Of a source that is whatever its rows are. */
    CudaLowRank(Device device, KernelSource source) {
        this(ModulesByType.only(device, source), device.counters());
    }

    private CudaLowRank(ModulesByType modules, MachineArray counters) {
        this.modules = modules;
        this.counters = counters;
    }

    static CudaLowRank on(Device device) {
        return new CudaLowRank(ModulesByType.of(device, "low_rank"), device.counters());
    }

    @Override
    protected void computeGradients(Factors of, Products to, MachineArray scratch) {
        int rows = of.d().rows();
        int columns = of.d().columns();
        int rank = of.rank();
        MachineArray outers = scratch.slice(0, (long) tiles(columns) * rows * rank);
        MachineArray ups = scratch.slice(outers.length(), (long) chunks(rows) * columns * rank);
        boolean atOnce = !of.d().isEmpty() && isAtOnce(rows, columns, rank);
        if (!of.d().isEmpty()) {
            modules.of(of.d())
                    .launch(
                            "low_rank_gradients",
                            new LaunchShape(
                                    tiles(columns),
                                    chunks(rows) * Grids.ceilDiv(rank, RANKS),
                                    WARPS * 32,
                                    SHARED_BYTES),
                            in(of.d().array()),
                            integer(of.d().stride()),
                            in(of.up().array()),
                            integer(of.up().stride()),
                            in(of.low().array()),
                            integer(of.low().stride()),
                            out(outers),
                            out(ups),
                            atOnce ? out(counters) : absent(),
                            atOnce ? out(to.outer().array()) : absent(),
                            integer(to.outer().stride()),
                            atOnce ? out(to.upGradient()) : absent(),
                            real((float) to.outerScale()),
                            real((float) to.upScale()),
                            real((float) to.beta()),
                            integer(rows),
                            integer(columns),
                            integer(rank),
                            integer(chunk(rows)));
        }
        if (!atOnce) {
            addUp(of, to, outers, ups);
        }
    }

    /** Whether the last blocks add up what all have left, instead of a second launch. */
    private boolean isAtOnce(int rows, int columns, int rank) {
        long ofBlock = (long) RANKS * Math.max((long) tiles(columns) * chunk(rows), (long) chunks(rows) * COLUMNS);
        long places = (long) Grids.ceilDiv(rank, RANKS) * (tiles(columns) + chunks(rows));
        return ofBlock <= MOST_ADDED && places <= counters.length();
    }

    private void addUp(Factors of, Products to, MachineArray outers, MachineArray ups) {
        int rows = of.d().rows();
        int columns = of.d().columns();
        modules.of(of.d())
                .launch(
                        "low_rank_sums",
                        LaunchShape.linear(((long) rows + columns) * of.rank()),
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
                        integer(of.rank()),
                        integer(tiles(columns)),
                        integer(chunks(rows)));
    }
}
