/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/** Elementwise vertices, merging, and changes of layout. */
public abstract class ElementwiseKernels {

    /** to = alpha·a + beta·b; {@code to} may be either. */
    public final void scaledSum(MachineArray a, double alpha, MachineArray b, double beta, MachineArray to) {
        Shapes.requireNumbers("b", b, a.length());
        scaled(a, alpha, Optional.of(b), beta, to);
    }

    /** to = alpha·a; {@code to} may be a. */
    public final void scale(MachineArray a, double alpha, MachineArray to) {
        scaled(a, alpha, Optional.empty(), 0, to);
    }

    private void scaled(MachineArray a, double alpha, Optional<MachineArray> b, double beta, MachineArray to) {
        Checks.finite("alpha", alpha);
        Checks.finite("beta", beta);
        Shapes.requireNumbers("a", a, to.length());
        Shapes.requireNumbers("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        computeScaled(a, alpha, b, beta, to);
    }

    protected abstract void computeScaled(
            MachineArray a, double alpha, Optional<MachineArray> b, double beta, MachineArray to);

    /** to = a ∘ b; {@code to} may be either. With the gradient of the one and the value of the other it is its own gradient. */
    public final void product(MachineArray a, MachineArray b, MachineArray to) {
        Shapes.requireNumbers("a", a, to.length());
        Shapes.requireNumbers("b", b, to.length());
        Shapes.requireNumbers("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        computeProduct(a, b, to);
    }

    protected abstract void computeProduct(MachineArray a, MachineArray b, MachineArray to);

    /** to = max(a, b); {@code to} may be either. A NaN in either is the result (Deeplearning4j takes the other). */
    public final void maximum(MachineArray a, MachineArray b, MachineArray to) {
        Shapes.requireNumbers("a", a, to.length());
        Shapes.requireNumbers("b", b, to.length());
        Shapes.requireNumbers("out", to, a.length());
        if (a.length() == 0) {
            return;
        }
        computeMaximum(a, b, to);
    }

    protected abstract void computeMaximum(MachineArray a, MachineArray b, MachineArray to);

    /**
     * The gradient of {@link #maximum}: delta goes to the greater, to the first of two equal ones (as Deeplearning4j does), and 0 to
     * the other. The results may be in any of the inputs' memory.
     */
    public final void maximumGradient(
            MachineArray delta, MachineArray a, MachineArray b, MachineArray toA, MachineArray toB) {
        Shapes.requireNumbers("a", a, delta.length());
        Shapes.requireNumbers("b", b, delta.length());
        Shapes.requireNumbers("gradient of a", toA, delta.length());
        Shapes.requireNumbers("gradient of b", toB, delta.length());
        Shapes.requireNumbers("delta", delta, a.length());
        if (delta.length() == 0) {
            return;
        }
        computeMaximumGradient(delta, a, b, toA, toB);
    }

    protected abstract void computeMaximumGradient(
            MachineArray delta, MachineArray a, MachineArray b, MachineArray toA, MachineArray toB);

    /**
     * Columns side by side: [rows, Σ columns]. Channels that come first merge so too, a row being an image, its columns all its
     * elements.
     */
    public final void merge(List<MatrixView> parts, MatrixView whole) {
        copyParts(parts, whole, true);
    }

    /** The gradient of {@link #merge}: each part gets its columns. */
    public final void split(MatrixView whole, List<MatrixView> parts) {
        copyParts(parts, whole, false);
    }

    private void copyParts(List<MatrixView> parts, MatrixView whole, boolean merging) {
        int columns = parts.stream().mapToInt(MatrixView::columns).sum();
        for (MatrixView part : parts) {
            part.requireShape("part", whole.rows(), part.columns());
        }
        whole.requireShape("whole", whole.rows(), columns);
        int first = 0;
        for (MatrixView part : parts) {
            MatrixView place = whole.columns(first, part.columns());
            if (merging) {
                copyRows(part, place);
            } else {
                copyRows(place, part);
            }
            first += part.columns();
        }
    }

    private void copyRows(MatrixView from, MatrixView to) {
        if (from.isEmpty()) {
            return;
        }
        computeCopyRows(from, to);
    }

    protected abstract void computeCopyRows(MatrixView from, MatrixView to);

    /**
     * Each [rows, columns] matrix transposed: images with channels first become images with channels last (rows = channels) and
     * back (columns = channels).
     *
     * @param from gapless [batch, rows, columns]
     * @param to gapless [batch, columns, rows]
     */
    public final void transpose(MachineArray from, MachineArray to, int batch, int rows, int columns) {
        Checks.atLeast(0, "batch", batch);
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(0, "columns", columns);
        long length = Math.multiplyExact(Math.multiplyExact((long) batch, rows), (long) columns);
        Shapes.requireNumbers("from", from, length);
        Shapes.requireNumbers("to", to, length);
        if (length == 0) {
            return;
        }
        computeTranspose(from, to, batch, rows, columns);
    }

    protected abstract void computeTranspose(MachineArray from, MachineArray to, int batch, int rows, int columns);
}
