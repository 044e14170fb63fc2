/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Attention to what is kept on a device (cached_attention.cu). */
final class CudaCachedAttention extends CachedAttentionKernels {

    /** Heads of queries that share keys and values, in one block. */
    private static final int TOGETHER = 8;

    private static final int THREADS = 128;
    private static final int MOST_ROWS = 4096;

    private final KernelModule module;

    CudaCachedAttention(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaCachedAttention on(Device device) {
        return new CudaCachedAttention(device, KernelSource.resource("cached_attention"));
    }

    @Override
    protected void computeKeep(Kept rows, MachineArray places, Kept pages) {
        MatrixView keys = rows.keys();
        module.launch(
                "keep_rows",
                Grids.columnsBy(keys.columns(), keys.rows(), 0),
                in(keys.array()),
                integer(keys.stride()),
                in(rows.values().array()),
                integer(rows.values().stride()),
                in(places),
                integer(pages.keys().rows()),
                out(pages.keys().array()),
                integer(pages.keys().stride()),
                out(pages.values().array()),
                integer(pages.values().stride()),
                integer(keys.rows()),
                integer(keys.columns()));
    }

    @Override
    protected void computeAttend(
            MatrixView queries, Kept pages, Places places, Rule rule, MachineArray scratch, MatrixView out) {
        int parts = Grids.ceilDiv(places.longest(), PART);
        int window = rule.window().orElse(Integer.MAX_VALUE);
        int blocks = Math.multiplyExact(parts, Grids.ceilDiv(rule.group(), TOGETHER) * rule.keyValueHeads());
        module.launch(
                "cached_attention",
                new LaunchShape(blocks, Math.min(queries.rows(), MOST_ROWS), THREADS, TOGETHER * PART * Float.BYTES),
                in(queries.array()),
                integer(queries.stride()),
                in(pages.keys().array()),
                integer(pages.keys().stride()),
                in(pages.values().array()),
                integer(pages.values().stride()),
                in(places.texts()),
                in(places.positions()),
                in(places.tables()),
                integer(places.tableLength()),
                integer(pages.keys().rows() / PAGE),
                out(scratch),
                integer(parts),
                integer(queries.rows()),
                integer(rule.heads()),
                integer(rule.group()),
                integer(rule.headSize()),
                integer(window),
                real((float) rule.scale()));
        module.launch(
                "join_parts",
                Grids.columnsBy(out.columns(), out.rows(), 0),
                in(scratch),
                integer(parts),
                in(places.positions()),
                out(out.array()),
                integer(out.stride()),
                integer(out.rows()),
                integer(out.columns()),
                integer(rule.headSize()),
                integer(window));
    }
}
