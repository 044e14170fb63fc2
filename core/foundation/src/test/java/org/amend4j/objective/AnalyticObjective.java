/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import org.amend4j.numeric.Vectors;

/** A test function whose Hessian and error bounds are known in closed form. */
interface AnalyticObjective extends Objective {

    /** Half an ulp of 1. */
    double UNIT = Math.ulp(1.0) / 2;

    /** {@code ∇²J(θ)·v}, to rounding. */
    double[] hessian(double[] theta, double[] v);

    /** A bound on the norm of {@code ∂³∇J[u,u,u]} over all points and unit vectors u. */
    double thirdOfGradient();

    /** A bound on {@code ‖∇²J‖} over all points. */
    double hessianNorm();

    /** A bound on the rounding error of the gradient near θ (standard model, first order in the unit roundoff). */
    double gradientRounding(double[] theta);

    /** As {@link #gradientRounding}, of the value. */
    double valueRounding(double[] theta);

    @Override
    default Precision precision() {
        return Precision.DOUBLE;
    }

    @Override
    default String fingerprint() {
        return getClass().getSimpleName();
    }

    /** The error of a two-point product with a unit vector: truncation, and the rounding of gradients and of θ ± hu. */
    default double productBound(double[] theta, double h) {
        double point = UNIT * (Vectors.norm(theta) + h) * hessianNorm();
        return h * h / 6 * thirdOfGradient() + (gradientRounding(theta) + 2 * point) / h;
    }
}
