/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/** Layer normalisation of rows: y = gain · (x − mean)/√(variance + ε) + bias. */
public abstract class LayerNormKernels {

    /**
     * What the backward pass needs of the forward one.
     *
     * @param means [rows]
     * @param inverses 1/√(variance + ε), [rows]
     */
    public record Statistics(MachineArray means, MachineArray inverses) {}

    /**
     * The normalised rows.
     *
     * @param x [rows, columns]
     * @param gain [columns]
     * @param bias [columns]
     * @param y [rows, columns]; may be {@code x} itself
     * @param statistics overwritten
     * @param epsilon at least 0
     */
    public final void forward(
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon) {
        check(x, gain, statistics);
        bias.ifPresent(array -> Shapes.requireReals("bias", array, x.columns()));
        y.requireShape("y", x.rows(), x.columns());
        Checks.notNegative("epsilon", epsilon);
        if (x.isEmpty()) {
            return;
        }
        computeForward(x, gain, bias, y, statistics, epsilon);
    }

    protected abstract void computeForward(
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon);

    /** The gradient with respect to x; {@code dx} may be {@code dy} itself. */
    public final void gradient(MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx) {
        check(x, gain, statistics);
        dy.requireShape("dy", x.rows(), x.columns());
        dx.requireShape("dx", x.rows(), x.columns());
        if (x.isEmpty()) {
            return;
        }
        computeGradient(dy, x, gain, statistics, dx);
    }

    protected abstract void computeGradient(
            MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx);

    /**
     * dy ∘ (x − mean)/√(variance + ε): its column sums ({@link ActivationKernels#columnSums}) are the gain's
     * gradient.
     *
     * @param products gapless [rows, columns]
     */
    public final void gainProducts(MatrixView dy, MatrixView x, Statistics statistics, MachineArray products) {
        dy.requireShape("dy", x.rows(), x.columns());
        Shapes.requireReals("means", statistics.means(), x.rows());
        Shapes.requireReals("inverses", statistics.inverses(), x.rows());
        Shapes.requireReals("products", products, (long) x.rows() * x.columns());
        if (x.isEmpty()) {
            return;
        }
        computeGainProducts(dy, x, statistics, products);
    }

    protected abstract void computeGainProducts(
            MatrixView dy, MatrixView x, Statistics statistics, MachineArray products);

    private static void check(MatrixView x, MachineArray gain, Statistics statistics) {
        Shapes.requireReals("gain", gain, x.columns());
        Shapes.requireReals("means", statistics.means(), x.rows());
        Shapes.requireReals("inverses", statistics.inverses(), x.rows());
    }
}
