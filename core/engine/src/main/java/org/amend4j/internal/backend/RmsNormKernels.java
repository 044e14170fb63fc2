/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/** Normalisation of rows by their root mean square (Zhang and Sennrich, arXiv 1910.07467): y = gain ∘ x/√(mean(x²) + ε). */
public abstract class RmsNormKernels {

    /**
     * What normalised rows are multiplied by: {@code offset + values}.
     *
     * @param values [columns]
     * @param offset 0, or 1 where gains are trained as offsets from 1
     */
    public record Gain(MachineArray values, double offset) {
        public Gain {
            Checks.finite("the offset of gains", offset);
        }

        /** The values themselves. */
        public static Gain of(MachineArray values) {
            return new Gain(values, 0);
        }

        /** 1 more than the values, as in Gemma. */
        public static Gain aroundOne(MachineArray values) {
            return new Gain(values, 1);
        }
    }

    /**
     * The normalised rows.
     *
     * @param x [rows, columns]
     * @param y [rows, columns]; may be {@code x} itself
     * @param inverses overwritten with 1/√(mean(x²) + ε), [rows]
     * @param epsilon at least 0
     */
    public final void forward(MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon) {
        check(x, gain, inverses);
        y.requireShape("y", x.rows(), x.columns());
        Checks.notNegative("epsilon", epsilon);
        if (x.isEmpty()) {
            return;
        }
        computeForward(x, gain, y, inverses, epsilon);
    }

    protected abstract void computeForward(
            MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon);

    /** The gradient with respect to x; {@code dx} may be {@code dy} itself. */
    public final void gradient(MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx) {
        check(x, gain, inverses);
        dy.requireShape("dy", x.rows(), x.columns());
        dx.requireShape("dx", x.rows(), x.columns());
        if (x.isEmpty()) {
            return;
        }
        computeGradient(dy, x, gain, inverses, dx);
    }

    protected abstract void computeGradient(
            MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx);

    /**
     * dy ∘ x/√(mean(x²) + ε): its column sums ({@link ActivationKernels#columnSums}) are the gain's gradient.
     *
     * @param products gapless [rows, columns]
     */
    public final void gainProducts(MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products) {
        dy.requireShape("dy", x.rows(), x.columns());
        Shapes.requireReals("inverses", inverses, x.rows());
        Shapes.requireReals("products", products, (long) x.rows() * x.columns());
        if (x.isEmpty()) {
            return;
        }
        computeGainProducts(dy, x, inverses, products);
    }

    protected abstract void computeGainProducts(
            MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products);

    private static void check(MatrixView x, Gain gain, MachineArray inverses) {
        Shapes.requireReals("gain", gain.values(), x.columns());
        Shapes.requireReals("inverses", inverses, x.rows());
    }
}
