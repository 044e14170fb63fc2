/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Locale;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.compiler.PlacedTokens.Ends;
import org.amend4j.internal.compiler.PlacedTokens.Owners;
import org.amend4j.internal.network.Operation.PoolTokens;
import org.amend4j.internal.network.Operation.PoolTokens.Row;

/** Rows of tokens that become a row for each example. */
final class PoolTokensSteps implements OperationSteps<PoolTokens> {

    private final GraphCompiler passes;

    PoolTokensSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, PoolTokens pool) {
        Value rows = passes.input(node, 0);
        Value out = passes.fresh(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        words(pool) + " of the rows of each example",
                        List.of(rows),
                        List.of(out),
                        Work.through(2.0 * rows.columns()),
                        pool.row() == Row.MEAN
                                ? b -> mean(b, rows, out)
                                : b -> b.kernels()
                                        .embedding()
                                        .gather(b.matrix(rows), ends(b, pool).rows(), b.matrix(out)));
        return out;
    }

    private static String words(PoolTokens pool) {
        return pool.row().name().toLowerCase(Locale.ROOT);
    }

    private static Ends ends(Bindings b, PoolTokens pool) {
        return b.tokens().ends(pool.row() == Row.FIRST);
    }

    /** Those of a value that belong to an example. */
    private static MatrixView used(Bindings b, Value rows) {
        int count = b.tokens().used();
        return MatrixView.of(b.array(rows).slice(0, count * rows.each()), count, rows.columns());
    }

    private static void mean(Bindings b, Value rows, Value out) {
        Owners owners = b.tokens().owners();
        b.machine().fill(b.array(out), 0);
        b.kernels().embedding().scatterAdd(used(b, rows), owners.byExample(), 1, b.matrix(out));
        b.kernels().clipping().scaleRows(b.matrix(out), owners.shares(), b.matrix(out), 1);
    }

    @Override
    public void backward(int node, PoolTokens pool, GradientFlow flow) {
        Value delta = flow.value();
        Value to = passes.freshGradient(node, 0);
        Value shares = pool.row() == Row.MEAN ? shares(node, flow) : delta;
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of the " + words(pool) + " of rows",
                        List.of(shares),
                        List.of(to),
                        Work.through(2.0 * to.columns()),
                        b -> {
                            b.machine().fill(b.array(to), 0);
                            if (pool.row() == Row.MEAN) {
                                b.kernels()
                                        .embedding()
                                        .gather(
                                                b.matrix(shares),
                                                b.tokens().owners().examples(),
                                                used(b, to));
                            } else {
                                b.kernels()
                                        .embedding()
                                        .scatterAdd(
                                                b.matrix(shares), ends(b, pool).byRow(), 1, b.matrix(to));
                            }
                        });
        passes.send(node, 0, new GradientFlow(to, true));
    }

    /** What a row gets of its example's gradient. */
    private Value shares(int node, GradientFlow flow) {
        Value delta = flow.value();
        Value to = passes.place(node, flow);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient by the number of tokens",
                        List.of(delta),
                        List.of(to),
                        Work.through(2.0 * to.columns()),
                        b -> b.kernels()
                                .clipping()
                                .scaleRows(b.matrix(delta), b.tokens().owners().shares(), b.matrix(to), 1));
        return to;
    }
}
