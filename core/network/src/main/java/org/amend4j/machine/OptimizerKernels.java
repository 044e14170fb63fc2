/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.internal.validation.Checks;

/** Steps of optimizers on a whole parameter vector, in place, by Deeplearning4j's formulas (optimizer.cu). */
public abstract class OptimizerKernels {

    /**
     * Settings of Adam.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon positive
     */
    public record Adam(double beta1, double beta2, double epsilon) {

        /** Deeplearning4j's: 0.9, 0.999, 1e-8. */
        public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

        public Adam {
            Checks.inUnit("beta1", beta1);
            Checks.inUnit("beta2", beta2);
            if (beta1 == 1 || beta2 == 1) {
                throw new IllegalArgumentException("beta1 and beta2 must be < 1, got " + beta1 + " and " + beta2);
            }
            Checks.positive("epsilon", epsilon);
        }
    }

    /** parameters −= rate · factor · gradient. */
    public final void sgdInPlace(MachineArray parameters, MachineArray gradient, double factor, double rate) {
        Shapes.requireReals("parameters", parameters, gradient.length());
        Shapes.requireReals("gradient", gradient, parameters.length());
        Checks.finite("factor", factor);
        Checks.finite("rate", rate);
        if (parameters.length() == 0) {
            return;
        }
        computeSgdInPlace(parameters, gradient, factor, rate);
    }

    protected abstract void computeSgdInPlace(
            MachineArray parameters, MachineArray gradient, double factor, double rate);

    /**
     * With g = factor · gradient: m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², parameters −= rate·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε).
     *
     * @param first m, 0 before the first step
     * @param second v, 0 before the first step
     * @param step t, from 1 on
     */
    public final void adamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            double rate,
            Adam adam,
            int step) {
        long length = parameters.length();
        Shapes.requireReals("parameters", parameters, length);
        Shapes.requireReals("gradient", gradient, length);
        Shapes.requireReals("first", first, length);
        Shapes.requireReals("second", second, length);
        Checks.finite("factor", factor);
        Checks.finite("rate", rate);
        Checks.atLeast(1, "step", step);
        if (length == 0) {
            return;
        }
        computeAdamInPlace(parameters, gradient, first, second, factor, rate, adam, step);
    }

    protected abstract void computeAdamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            double rate,
            Adam adam,
            int step);

    /** The rate times Adam's correction of its running means, which start at 0. */
    protected static double corrected(double rate, Adam adam, int step) {
        return rate * Math.sqrt(1 - Math.pow(adam.beta2(), step)) / (1 - Math.pow(adam.beta1(), step));
    }
}
