/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * Norms of the columns of {@code V = W + s·A·B}, of parts that are as wide as the rank: {@code c_j² = ‖W_j‖² + 2s·(WᵀA)_j·B_j +
 * s²·B_jᵀ(AᵀA)B_j}. Where factors take away most of a column, little but rounding would be left of the sum: there the column is formed.
 */
public abstract class ColumnNormKernels {

    /** Share of its parts' squares below which a column's square is not trusted: it may have lost six bits. */
    public static final double LEFT = 1.0 / 64;

    /**
     * What the norms are made of.
     *
     * @param weight Wᵀ, [columns, rows]
     * @param a Aᵀ, [rank, rows]
     * @param b B, [rank, columns]
     * @param low AᵀW, [rank, columns]
     * @param gram AᵀA, [rank, rank]
     * @param squares ‖W_j‖², [columns]
     * @param scale s
     */
    public record Parts(
            MachineArray weight,
            MachineArray a,
            MachineArray b,
            MachineArray low,
            MachineArray gram,
            MachineArray squares,
            double scale) {

        public int columns() {
            return Math.toIntExact(squares.length());
        }

        public int rank() {
            return Math.toIntExact(b.length() / squares.length());
        }

        public int rows() {
            return Math.toIntExact(weight.length() / squares.length());
        }

        private void check() {
            Checks.finite("scale", scale);
            Checks.atLeast(1, "columns", columns());
            Checks.atLeast(1, "rank", rank());
            Checks.atLeast(1, "rows", rows());
            Shapes.requireReals("weight", weight, (long) columns() * rows());
            Shapes.requireReals("a", a, (long) rank() * rows());
            Shapes.requireReals("b", b, (long) rank() * columns());
            Shapes.requireReals("low", low, (long) rank() * columns());
            Shapes.requireReals("gram", gram, (long) rank() * rank());
            Shapes.requireReals("squares", squares, columns());
        }
    }

    /**
     * Scales and reciprocal norms.
     *
     * @param magnitude m, [columns]
     * @param scales m/c, 0 where c is; overwritten, [columns]
     * @param reciprocals 1/c, 0 where c is; overwritten, [columns]
     */
    public final void scales(Parts parts, MachineArray magnitude, MachineArray scales, MachineArray reciprocals) {
        parts.check();
        Shapes.requireReals("magnitude", magnitude, parts.columns());
        Shapes.requireReals("scales", scales, parts.columns());
        Shapes.requireReals("reciprocals", reciprocals, parts.columns());
        computeScales(parts, magnitude, scales, reciprocals);
    }

    protected abstract void computeScales(
            Parts parts, MachineArray magnitude, MachineArray scales, MachineArray reciprocals);
}
