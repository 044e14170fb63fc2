/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.internal.validation.Checks;

/** Rows of tables by number, and the gradient of that (embedding.cu). */
public final class EmbeddingKernels {

    private final KernelModule module;

    EmbeddingKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static EmbeddingKernels on(Device device) {
        return new EmbeddingKernels(device, KernelSource.resource("embedding"));
    }

    /**
     * Row i of {@code to} becomes row token_i of the table, or NaN if there is none.
     *
     * @param table [vocabulary, columns]
     * @param tokens [rows]
     * @param to [rows, columns]
     */
    public void gather(DeviceMatrix table, DeviceArray tokens, DeviceMatrix to) {
        to.requireShape("out", to.rows(), table.columns());
        Shapes.requireInts("tokens", tokens, to.rows());
        if (to.isEmpty()) {
            return;
        }
        module.launch(
                "gather",
                Shapes.columnsBy(to.columns(), to.rows(), 0),
                in(table.array()),
                integer(table.stride()),
                integer(table.rows()),
                in(tokens),
                out(to.array()),
                integer(to.stride()),
                integer(to.rows()),
                integer(to.columns()));
    }

    /**
     * Adds to each token's row of the table scale times the sum of the rows at its places.
     *
     * @param rows [positions, columns]
     * @param segments of tokens below the table's number of rows
     * @param table [vocabulary, columns], added to
     */
    public void scatterAdd(DeviceMatrix rows, TokenSegments segments, double scale, DeviceMatrix table) {
        table.requireShape("table", table.rows(), rows.columns());
        Checks.finite("scale", scale);
        Shapes.requireInts("places", segments.places(), rows.rows());
        int count = (int) segments.tokens().length();
        if (rows.isEmpty()) {
            return;
        }
        module.launch(
                "scatter",
                Shapes.columnsBy(rows.columns(), count, 0),
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
