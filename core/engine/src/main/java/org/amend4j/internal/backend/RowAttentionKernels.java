/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Objects;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/**
 * Attention of the rows of each example to one another: in every head {@code O = P·V} with {@code P = softmax(s·QKᵀ)} over the keys that a
 * query sees, s = 1/√headSize. Examples lie one after the other without padding. Keys are taken block by block with a running maximum and
 * sum (FlashAttention, Dao et al., arXiv 2205.14135), so that no more than a block of P exists at a time; the gradient makes P again
 * from {@code L = log Σ exp} of each query's scores. A key that a query does not see has the weight 0 exactly.
 *
 * <p>Rows of examples are given by an array {@code starts}, INT [examples + 1], which ascends from 0 to at most the number of rows: those
 * of example e are starts[e] to starts[e + 1] − 1. An example may have none. Rows from starts[examples] on belong to no example: their
 * inputs are not read, and results there are zeros.
 */
public abstract class RowAttentionKernels {

    /**
     * Which keys a query sees and how heads lie in rows.
     *
     * @param heads of queries, side by side in a row
     * @param keyValueHeads of keys and values, a divisor of heads: query head h meets head h / (heads / keyValueHeads)
     * @param headSize columns of a head
     * @param causal whether a query sees no later key
     * @param window how many keys a causal query sees, itself the last of them; empty for all
     */
    public record Rule(int heads, int keyValueHeads, int headSize, boolean causal, OptionalInt window) {

        /** @throws IllegalArgumentException if a component breaks its rule */
        public Rule {
            Checks.atLeast(1, "heads", heads);
            Checks.atLeast(1, "key-value heads", keyValueHeads);
            Checks.atLeast(1, "head size", headSize);
            Objects.requireNonNull(window, "window");
            if (heads % keyValueHeads != 0) {
                throw new IllegalArgumentException(
                        "key-value heads must divide the " + heads + " heads, got " + keyValueHeads);
            }
            window.ifPresent(keys -> Checks.atLeast(1, "window", keys));
            if (window.isPresent() && !causal) {
                throw new IllegalArgumentException("a window is of causal attention, got one without");
            }
        }

        /** How many heads of queries meet one of keys. */
        public int group() {
            return heads / keyValueHeads;
        }

        /** Columns of queries and results. */
        public int queryWidth() {
            return Math.multiplyExact(heads, headSize);
        }

        /** Columns of keys and values. */
        public int keyValueWidth() {
            return Math.multiplyExact(keyValueHeads, headSize);
        }

        /** s. */
        public double scale() {
            return 1 / Math.sqrt(headSize);
        }
    }

    /**
     * What is attended with, or the gradients of that; they may be columns of one matrix.
     *
     * @param queries [rows, heads · headSize]
     * @param keys [rows, keyValueHeads · headSize]
     * @param values [rows, keyValueHeads · headSize]
     */
    public record Projections(MatrixView queries, MatrixView keys, MatrixView values) {}

    /**
     * Results of the forward pass, which the gradient needs.
     *
     * @param out O, [rows, heads · headSize]
     * @param logSums L, gapless [rows, heads]; 0 where rows belong to no example
     */
    public record Attended(MatrixView out, MachineArray logSums) {}

    /** Writes {@code to}, which must not share memory with {@code of}. */
    public final void forward(Projections of, MachineArray starts, Rule rule, Attended to) {
        check(of, starts, rule, to);
        if (of.queries().isEmpty()) {
            return;
        }
        computeForward(of, starts, rule, to);
    }

    protected abstract void computeForward(Projections of, MachineArray starts, Rule rule, Attended to);

    /**
     * With {@code dP = dO·Vᵀ}, {@code δ = Σ_columns dO ∘ O} of each head and {@code dS = P ∘ (dP − δ)}: dV = PᵀdO, dQ = s·dS·K and dK = s·dSᵀQ,
     * the last two summed over the heads that share keys and values.
     *
     * @param of what was attended with
     * @param attended what the forward pass wrote
     * @param dOut dO, [rows, heads · headSize]
     * @param scratch at least rows · heads numbers, contents lost
     * @param to overwritten; must not share memory with the others
     */
    public final void gradient(
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to) {
        check(of, starts, rule, attended);
        int rows = of.queries().rows();
        dOut.requireShape("dOut", rows, rule.queryWidth());
        Shapes.requireAtLeast("scratch", scratch, (long) rows * rule.heads());
        check("gradients of ", rows, rule, to);
        if (of.queries().isEmpty()) {
            return;
        }
        computeGradient(of, starts, rule, attended, dOut, scratch, to);
    }

    protected abstract void computeGradient(
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to);

    private static void check(Projections of, MachineArray starts, Rule rule, Attended to) {
        int rows = of.queries().rows();
        check("", rows, rule, of);
        Checks.atLeast(1, "starts", Math.toIntExact(starts.length()));
        Shapes.requireInts("starts", starts, starts.length());
        to.out().requireShape("out", rows, rule.queryWidth());
        Shapes.requireReals("logSums", to.logSums(), (long) rows * rule.heads());
    }

    private static void check(String prefix, int rows, Rule rule, Projections of) {
        of.queries().requireShape(prefix + "queries", rows, rule.queryWidth());
        of.keys().requireShape(prefix + "keys", rows, rule.keyValueWidth());
        of.values().requireShape(prefix + "values", rows, rule.keyValueWidth());
    }
}
