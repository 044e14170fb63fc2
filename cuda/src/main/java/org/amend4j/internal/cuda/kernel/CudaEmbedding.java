/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.EmbeddingKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;

/** Embedding on a device (embedding.cu). */
final class CudaEmbedding extends EmbeddingKernels {

    private final ModulesByType modules;

    /** Of a source that is whatever its rows are. */
    CudaEmbedding(Device device, KernelSource source) {
        this(ModulesByType.only(device, source));
    }

    private CudaEmbedding(ModulesByType modules) {
        this.modules = modules;
    }

    public static CudaEmbedding on(Device device) {
        return new CudaEmbedding(ModulesByType.of(device, "embedding"));
    }

    @Override
    protected void computeGather(MatrixView table, MachineArray tokens, MatrixView to) {
        modules.of(table)
                .launch(
                        "gather",
                        Grids.quadsBy(to.columns(), to.rows()),
                        in(table.array()),
                        integer(table.stride()),
                        integer(table.rows()),
                        in(tokens),
                        out(to.array()),
                        integer(to.stride()),
                        integer(to.rows()),
                        integer(to.columns()));
    }

    @Override
    protected void computeGatherPair(
            MatrixView table, MatrixView second, MachineArray tokens, MatrixView to, MatrixView toSecond) {
        modules.of(table)
                .launch(
                        "gather_pair",
                        Grids.quadsBy(Math.max(to.columns(), toSecond.columns()), to.rows()),
                        in(table.array()),
                        integer(table.stride()),
                        in(second.array()),
                        integer(second.stride()),
                        integer(table.rows()),
                        in(tokens),
                        out(to.array()),
                        integer(to.stride()),
                        out(toSecond.array()),
                        integer(toSecond.stride()),
                        integer(to.rows()),
                        integer(to.columns()),
                        integer(toSecond.columns()));
    }

    @Override
    protected void computeScatterAdd(MatrixView rows, TokenSegments segments, double scale, MatrixView table) {
        int count = (int) segments.tokens().length();
        modules.of(rows)
                .launch(
                        "scatter",
                        Grids.columnsBy(rows.columns(), count, 0),
                        in(rows.array()),
                        integer(rows.stride()),
                        in(segments.tokens()),
                        in(segments.starts()),
                        in(segments.places()),
                        integer(count),
                        real((float) scale),
                        out(table.array()),
                        integer(table.stride()),
                        integer(rows.columns()));
    }
}
