/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.network.Rotations;
import org.amend4j.internal.validation.Checks;

/**
 * Rotary positions (Su et al., arXiv 2104.09864) in the form of halves: in every head of size D the pair (x_j, x_{j + D/2}) is turned by the
 * angle p·f_j at position p.
 */
public abstract class RotaryKernels {

    /**
     * Cosines and sines of the angles at positions from 0 on ({@link Rotations}).
     *
     * @param cosines [positions, D/2]
     * @param sines [positions, D/2]
     */
    public record Angles(MatrixView cosines, MatrixView sines) {

        /** @throws IllegalArgumentException if the shapes differ, or there is no angle */
        public Angles {
            sines.requireShape("sines", cosines.rows(), cosines.columns());
            Checks.atLeast(1, "columns of angles", cosines.columns());
        }
    }

    /**
     * Turns rows: {@code y_j = x_j cos − x_{j + D/2} sin} and {@code y_{j + D/2} = x_{j + D/2} cos + x_j sin}.
     *
     * @param x [rows, heads · D]
     * @param positions INT [rows]; a row whose position has no angles becomes NaN
     * @param y [rows, heads · D]; may be {@code x} itself
     * @param back whether by the opposite angles, which is the gradient's way
     */
    public final void turn(MatrixView x, MachineArray positions, Angles angles, MatrixView y, boolean back) {
        int size = 2 * angles.cosines().columns();
        if (x.columns() % size != 0) {
            throw new IllegalArgumentException(
                    "rows that are turned must be heads of " + size + " columns, got " + x.columns());
        }
        y.requireShape("y", x.rows(), x.columns());
        Shapes.requireInts("positions", positions, x.rows());
        if (x.isEmpty()) {
            return;
        }
        computeTurn(x, positions, angles, y, back);
    }

    protected abstract void computeTurn(
            MatrixView x, MachineArray positions, Angles angles, MatrixView y, boolean back);
}
