/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.LowRankKernels.Sums;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Values.Slice;

/**
 * Skinny products of adapters in one pass over rows, as steps ({@link LowRankKernels}). Nobody reads a gradient before the step ends, so what one of
 * them leaves of it is added up by the next, and the last by a step of its own.
 */
final class LowRankSteps {

    /** A block takes 256 columns: with fewer than half of them it mostly waits for its own barriers. */
    private static final int FEWEST_COLUMNS = 128;

    /**
     * Up to these ranks one product alone is made so: above, arithmetic in single precision takes longer than a product on tensor cores does, which
     * sooner happens where half the bytes are read.
     */
    private static final int MOST_RANK = 32;

    private static final int MOST_NARROW_RANK = 16;

    /** A chunk has at least as many. */
    private static final int ROWS_OF_A_CHUNK = 64;

    private final PlanSteps steps;
    private Optional<Left> left = Optional.empty();

    LowRankSteps(PlanSteps steps) {
        this.steps = steps;
    }

    /**
     * What a step has left of a gradient.
     *
     * @param rows whose sums of chunks they are
     */
    private record Left(Value sums, Value rows, Slice gradient) {

        Sums on(Bindings b) {
            MachineArray whole = b.gradient(gradient);
            int chunks = LowRankKernels.chunks(b.rows(rows));
            return new Sums(chunks, b.array(sums).slice(0, chunks * whole.length()), whole);
        }
    }

    /** Whether one product of these rows alone is best made so. */
    static boolean suits(Value rows, int rank) {
        return suitsBoth(rows) && rank <= (rows.isNarrow() ? MOST_NARROW_RANK : MOST_RANK);
    }

    /** Whether two products of these rows are. */
    static boolean suitsBoth(Value rows) {
        return rows.columns() >= FEWEST_COLUMNS;
    }

    /** to = scale · x · factorᵀ, the factor being [rank, columns]. */
    void project(String vertex, String what, Value x, Function<Bindings, MatrixView> factor, double scale, Value to) {
        Value scratch = scratch(vertex, x, to.columns());
        steps.add(
                vertex,
                what,
                List.of(x),
                List.of(to, scratch),
                new Work(
                        2.0 * x.rows() * x.columns() * to.columns(),
                        x.rows() * ((double) x.columns() + to.columns()),
                        (double) x.columns() * to.columns()),
                b -> b.kernels()
                        .lowRank()
                        .project(b.matrix(x), factor.apply(b), scale, b.matrix(to), b.array(scratch)));
    }

    /** outer = scale · d · upᵀ, up being [rank, columns], and the gradient dᵀ · low. */
    void gradients(
            String vertex,
            String what,
            Value d,
            Function<Bindings, MatrixView> up,
            Value low,
            double scale,
            Value outer,
            Slice gradient) {
        Value scratch = scratch(vertex, d, low.columns());
        Optional<Left> earlier = left;
        Left now = leave(vertex, d, low.columns(), gradient);
        steps.add(
                vertex,
                what,
                reads(List.of(d, low), earlier),
                List.of(outer, scratch, now.sums()),
                new Work(
                        4.0 * d.rows() * d.columns() * low.columns(),
                        d.rows() * (d.columns() + 2.0 * low.columns()),
                        2.0 * d.columns() * low.columns()),
                b -> b.kernels()
                        .lowRank()
                        .gradients(
                                new LowRankKernels.Factors(b.matrix(d), up.apply(b), b.matrix(low)),
                                scale,
                                b.matrix(outer),
                                now.on(b).sums(),
                                b.array(scratch),
                                earlier.map(some -> some.on(b))));
    }

    /** The gradient lowᵀ · x. */
    void gradient(String vertex, String what, Value x, Value low, Slice gradient) {
        Optional<Left> earlier = left;
        Left now = leave(vertex, x, low.columns(), gradient);
        steps.add(
                vertex,
                what,
                reads(List.of(x, low), earlier),
                List.of(now.sums()),
                new Work(
                        2.0 * x.rows() * x.columns() * low.columns(),
                        x.rows() * ((double) x.columns() + low.columns()),
                        (double) x.columns() * low.columns()),
                b -> b.kernels()
                        .lowRank()
                        .gradient(b.matrix(x), b.matrix(low), now.on(b).sums(), earlier.map(some -> some.on(b))));
    }

    /** Adds up what the last of them has left. */
    void finish() {
        left.ifPresent(last -> steps.add(
                "",
                "sums of the last adapter's gradient",
                List.of(last.sums()),
                List.of(),
                new Work(0, 0, 0),
                b -> b.kernels().lowRank().addUp(last.on(b))));
        left = Optional.empty();
    }

    private Left leave(String vertex, Value rows, int rank, Slice gradient) {
        int each =
                Math.toIntExact(((long) rows.rows() * rows.columns() * rank + ROWS_OF_A_CHUNK - 1) / ROWS_OF_A_CHUNK);
        int more = Math.multiplyExact(rows.columns(), rank);
        Left now = new Left(steps.scratch(rows.per(), vertex + " sums of chunks of rows", each, more), rows, gradient);
        left = Optional.of(now);
        return now;
    }

    private static List<Value> reads(List<Value> rows, Optional<Left> earlier) {
        return earlier.map(some -> List.of(rows.get(0), rows.get(1), some.sums()))
                .orElse(rows);
    }

    private Value scratch(String vertex, Value rows, int rank) {
        return steps.per(
                rows.per(), vertex + " sums of blocks", rows.rows(), LowRankKernels.scratchOfRow(rows.columns(), rank));
    }
}
