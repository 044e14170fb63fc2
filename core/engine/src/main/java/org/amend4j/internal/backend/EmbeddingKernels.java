/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/** Rows of tables by number, and the gradient of that (embedding.cu). */
public abstract class EmbeddingKernels {

    /**
     * Row i of {@code to} becomes row token_i of the table, or NaN if there is none.
     *
     * @param table [vocabulary, columns]
     * @param tokens [rows]
     * @param to [rows, columns]
     */
    public final void gather(MatrixView table, MachineArray tokens, MatrixView to) {
        to.requireShape("out", to.rows(), table.columns());
        Shapes.requireInts("tokens", tokens, to.rows());
        if (to.isEmpty()) {
            return;
        }
        computeGather(table, tokens, to);
    }

    protected abstract void computeGather(MatrixView table, MachineArray tokens, MatrixView to);

    /**
     * Rows of two tables by the same tokens, as {@link #gather} of each: by one launch on devices.
     *
     * @param table [vocabulary, columns]
     * @param second [vocabulary, other columns], never bfloat16 numbers
     * @param tokens [rows]
     * @param to [rows, columns]
     * @param toSecond [rows, other columns]
     */
    public final void gatherPair(
            MatrixView table, MatrixView second, MachineArray tokens, MatrixView to, MatrixView toSecond) {
        second.requireShape("second table", table.rows(), second.columns());
        to.requireShape("out", to.rows(), table.columns());
        toSecond.requireShape("second out", to.rows(), second.columns());
        Shapes.requireInts("tokens", tokens, to.rows());
        if (to.isEmpty() || toSecond.isEmpty()) {
            gather(table, tokens, to);
            gather(second, tokens, toSecond);
            return;
        }
        computeGatherPair(table, second, tokens, to, toSecond);
    }

    protected abstract void computeGatherPair(
            MatrixView table, MatrixView second, MachineArray tokens, MatrixView to, MatrixView toSecond);

    /**
     * Adds to each token's row of the table scale times the sum of the rows at its places.
     *
     * @param rows [positions, columns]
     * @param segments of tokens below the table's number of rows
     * @param table [vocabulary, columns], added to
     */
    public final void scatterAdd(MatrixView rows, TokenSegments segments, double scale, MatrixView table) {
        table.requireShape("table", table.rows(), rows.columns());
        Checks.finite("scale", scale);
        Shapes.requireInts("places", segments.places(), rows.rows());
        if (rows.isEmpty()) {
            return;
        }
        computeScatterAdd(rows, segments, scale, table);
    }

    protected abstract void computeScatterAdd(MatrixView rows, TokenSegments segments, double scale, MatrixView table);
}
