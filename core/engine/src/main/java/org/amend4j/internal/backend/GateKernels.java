/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.network.Activation;

/** Gates {@code y = act(a) ∘ b}: the middle of a gated feed-forward network (Shazeer, arXiv 2002.05202). */
public abstract class GateKernels {

    /**
     * What goes into a gate, or the gradients of that; they may be columns of one matrix.
     *
     * @param a what opens it, [rows, columns]
     * @param b what passes it, [rows, columns]
     */
    public record Inputs(MatrixView a, MatrixView b) {}

    /** Writes y, [rows, columns], which may be either input. */
    public final void forward(Inputs of, MatrixView y, Activation activation) {
        check("b", of.b(), of);
        check("y", y, of);
        if (y.isEmpty()) {
            return;
        }
        computeForward(of, y, activation);
    }

    protected abstract void computeForward(Inputs of, MatrixView y, Activation activation);

    /**
     * da = dy ∘ b ∘ act'(a), db = dy ∘ act(a).
     *
     * @param dy [rows, columns]
     * @param to overwritten; each may be any of the others' memory, as a whole
     */
    public final void gradient(MatrixView dy, Inputs of, Inputs to, Activation activation) {
        check("b", of.b(), of);
        check("dy", dy, of);
        check("da", to.a(), of);
        check("db", to.b(), of);
        if (dy.isEmpty()) {
            return;
        }
        computeGradient(dy, of, to, activation);
    }

    protected abstract void computeGradient(MatrixView dy, Inputs of, Inputs to, Activation activation);

    private static void check(String what, MatrixView matrix, Inputs of) {
        matrix.requireShape(what, of.a().rows(), of.a().columns());
    }
}
