/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Skinny products of adapters on a device (low_rank.cu), in single precision. */
final class CudaLowRank extends LowRankKernels {

    /** Ranks of a block. */
    private static final int RANKS = 16;
    /** As the source has them: rows in shared memory at a time, and warps. */
    private static final int STRIP = 16;

    private static final int WARPS = 8;

    private static final int STRIP_NUMBERS = STRIP * (TILE + 4);
    private static final int LOW_NUMBERS = STRIP * RANKS;
    /** A factor, sums of warps, and whose turn it is. */
    private static final int OUTER_NUMBERS = (TILE + WARPS * STRIP) * RANKS + 1;

    /** So many sums at most a block adds up alone: 64 KiB, which takes it about as long as a few strips. */
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
    protected void computeProjection(
            MatrixView x, MatrixView factor, double scale, MatrixView to, MachineArray scratch) {
        launch(
                "low_rank_projection",
                x,
                factor.rows(),
                STRIP_NUMBERS + OUTER_NUMBERS,
                Stream.of(matrix(factor), outer(x, factor.rows(), scale, to, scratch)));
    }

    @Override
    protected void computeGradients(
            Factors of,
            double scale,
            MatrixView outer,
            MachineArray sums,
            MachineArray scratch,
            Optional<Sums> earlier) {
        launch(
                "low_rank_gradients",
                of.d(),
                of.rank(),
                STRIP_NUMBERS + LOW_NUMBERS + OUTER_NUMBERS,
                Stream.of(
                        matrix(of.up()),
                        matrix(of.low()),
                        outer(of.d(), of.rank(), scale, outer, scratch),
                        List.of(out(sums)),
                        earlier(earlier)));
    }

    @Override
    protected void computeGradient(MatrixView x, MatrixView low, MachineArray sums, Optional<Sums> earlier) {
        launch(
                "low_rank_gradient",
                x,
                low.columns(),
                STRIP_NUMBERS + LOW_NUMBERS,
                Stream.of(matrix(low), List.of(out(sums)), earlier(earlier)));
    }

    /** Any of the kernels that go through rows. */
    private void launch(String kernel, MatrixView rows, int rank, int sharedNumbers, Stream<List<Argument>> arguments) {
        List<Argument> sizes =
                List.of(integer(rows.rows()), integer(rows.columns()), integer(rank), integer(chunk(rows.rows())));
        modules.of(rows)
                .launch(
                        kernel,
                        new LaunchShape(
                                tiles(rows.columns()),
                                chunks(rows.rows()) * groups(rank),
                                WARPS * 32,
                                sharedNumbers * Float.BYTES),
                        Stream.of(Stream.of(matrix(rows)), arguments, Stream.of(sizes))
                                .flatMap(parts -> parts)
                                .flatMap(List::stream)
                                .toArray(Argument[]::new));
    }

    private static List<Argument> matrix(MatrixView factor) {
        return List.of(in(factor.array()), integer(factor.stride()));
    }

    private List<Argument> outer(MatrixView rows, int rank, double scale, MatrixView to, MachineArray scratch) {
        return List.of(
                out(scratch.slice(0, (long) rows.rows() * scratchOfRow(rows.columns(), rank))),
                out(counters),
                integer(together(rows, rank)),
                out(to.array()),
                integer(to.stride()),
                real((float) scale));
    }

    /** How many rows the block that comes last to them adds up: a multiple of a strip's, no more than a chunk has. */
    private int together(MatrixView rows, int rank) {
        int chunk = chunk(rows.rows());
        int rowsOfMost = MOST_ADDED / RANKS / tiles(rows.columns()) / STRIP * STRIP;
        int together = Math.min(chunk, Math.max(STRIP, rowsOfMost));
        long ofOneChunk = (long) chunks(rows.rows()) * groups(rank);
        while (ofOneChunk * Grids.ceilDiv(chunk, together) > counters.length()) {
            together = Math.min(chunk, 2 * together);
        }
        return together;
    }

    private static int groups(int rank) {
        return Grids.ceilDiv(rank, RANKS);
    }

    private static List<Argument> earlier(Optional<Sums> earlier) {
        return earlier.map(some -> List.of(
                        in(some.sums()),
                        integer(some.chunks()),
                        integer(Math.toIntExact(some.gradient().length())),
                        out(some.gradient())))
                .orElse(List.of(absent(), integer(0), integer(0), absent()));
    }

    @Override
    public void addUp(Sums earlier) {
        modules.of(earlier.gradient())
                .launch(
                        "low_rank_sums",
                        LaunchShape.linear(earlier.gradient().length()),
                        earlier(Optional.of(earlier)).toArray(Argument[]::new));
    }
}
