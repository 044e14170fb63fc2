/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Arrays;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.Vectors;

/**
 * Products with the Hessian of an objective J at a point θ, by central differences of the gradient along the unit vector
 * {@code u = v/‖v‖}:
 *
 * <pre>
 *   D_h u = (∇J(θ + hu) - ∇J(θ - hu)) / 2h        TWO_POINT, error h²/6·‖∂³∇J[u,u,u]‖ + δ/h
 *   (4·D_h u - D_2h u) / 3                        FOUR_POINT, error h⁴/30·‖∂⁵∇J[u,..,u]‖ + 1.5·δ/h
 * </pre>
 *
 * where δ is the rounding error of a gradient. It is of the order of {@code ε·max(1, ‖θ‖)} for a function with a value and derivatives of
 * order 1 (θ ± hu are themselves rounded). The default steps are where the two terms meet: {@code (ε·max(1, ‖θ‖))^(1/3)}, about 6e-6, with
 * an error of about 1e-10, and {@code (ε·max(1, ‖θ‖))^(1/5)}, about 7e-4, with an error of about 1e-12. {@link #error} measures what it is
 * in a direction.
 *
 * <p>Where the gradient jumps between θ - hu and θ + hu (a kink of a ReLU), the quotient holds the jump divided by h and
 * is no second derivative. Differences are exact to rounding in what is linear, so products of opposite vectors are
 * opposite to the last bit, but their symmetry is only as good as their error.
 *
 * <p>Not thread-safe. Holds a copy of θ and two more vectors; a product takes one or two more.
 */
public final class HessianVector implements SymmetricOperator {

    /** How many gradients a product takes. */
    public enum Stencil {
        /** Two gradients, second-order accurate. */
        TWO_POINT(3),
        /** Four gradients, fourth-order accurate: about two digits more if the objective is smooth enough. */
        FOUR_POINT(5);

        private final double root;

        Stencil(double root) {
            this.root = root;
        }

        /** {@code (ε·max(1, ‖θ‖))^(1/root)}. */
        double defaultStep(double thetaNorm) {
            return StrictMath.pow(Math.ulp(1.0) * Math.max(1, thetaNorm), 1 / root);
        }
    }

    private final Objective objective;
    private final double[] theta;
    private final Stencil stencil;
    private final double step;
    private final double[] point;
    private final double[] minus;

    private HessianVector(Objective objective, double[] theta, Stencil stencil, double step) {
        this.objective = objective;
        this.theta = theta.clone();
        this.stencil = stencil;
        this.step = step;
        this.point = new double[theta.length];
        this.minus = new double[theta.length];
    }

    /**
     * Products by two gradients at the default step.
     *
     * @param theta the point, [dimension]; copied
     * @throws IllegalArgumentException if the objective computes in FLOAT, or theta has the wrong length or is not finite
     */
    public static HessianVector at(Objective objective, double[] theta) {
        return at(objective, theta, Stencil.TWO_POINT);
    }

    /** As {@link #at(Objective, double[])}, with the default step of this stencil. */
    public static HessianVector at(Objective objective, double[] theta, Stencil stencil) {
        return at(objective, theta, stencil, stencil.defaultStep(checkedNorm(objective, theta)));
    }

    /**
     * As {@link #at(Objective, double[], Stencil)}, with this step.
     *
     * @param step h, the distance along a unit vector, positive
     */
    public static HessianVector at(Objective objective, double[] theta, Stencil stencil, double step) {
        checkedNorm(objective, theta);
        if (!(step > 0) || Double.isInfinite(step)) {
            throw new IllegalArgumentException("the step of a difference must be > 0 and finite, got " + step);
        }
        return new HessianVector(objective, theta, stencil, step);
    }

    private static double checkedNorm(Objective objective, double[] theta) {
        if (objective.precision() != Precision.DOUBLE) {
            throw new IllegalArgumentException(
                    "differences of gradients need an objective that computes in DOUBLE, got " + objective.precision()
                            + " (objective " + objective.fingerprint() + ")");
        }
        Vectors.requireLength("theta", theta, objective.dimension());
        double norm = Vectors.norm(theta);
        if (!Double.isFinite(norm)) {
            throw new IllegalArgumentException("theta must be finite, got the norm " + norm);
        }
        return norm;
    }

    /** h. */
    public double step() {
        return step;
    }

    /** How many gradients a product takes. */
    public Stencil stencil() {
        return stencil;
    }

    @Override
    public int dimension() {
        return theta.length;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Two or four gradients; none if v = 0.
     *
     * @throws IllegalArgumentException if a length is wrong or v is not finite
     * @throws ArithmeticException if a gradient is not finite
     */
    @Override
    public void apply(double[] v, double[] into) {
        Vectors.requireLength("into", into, dimension());
        double norm = directionNorm(v);
        if (norm == 0) {
            Arrays.fill(into, 0);
            return;
        }
        quotient(unit(v, norm), step, into);
        for (int i = 0; i < into.length; i++) {
            into[i] *= norm;
        }
    }

    /**
     * Estimates {@code ‖computed product - Hu‖} for the unit vector u along v, as the distance to the product at twice the
     * step. Truncation is overestimated (3 times for TWO_POINT, 15 times for FOUR_POINT, as long as the next term of the
     * expansion is smaller); rounding is met in its order of magnitude. An estimate, not a bound. Costs two products.
     *
     * @param v any direction, [dimension]; 0 has error 0
     */
    public double error(double[] v) {
        double norm = directionNorm(v);
        if (norm == 0) {
            return 0;
        }
        double[] u = unit(v, norm);
        double[] fine = new double[u.length];
        double[] coarse = new double[u.length];
        quotient(u, step, fine);
        quotient(u, 2 * step, coarse);
        Vectors.add(-1, fine, coarse);
        return Vectors.norm(coarse);
    }

    private double directionNorm(double[] v) {
        Vectors.requireLength("v", v, dimension());
        double norm = Vectors.norm(v);
        if (!Double.isFinite(norm)) {
            throw new IllegalArgumentException("v must be finite, got the norm " + norm);
        }
        return norm;
    }

    private static double[] unit(double[] v, double norm) {
        double[] u = v.clone();
        Vectors.divide(u, norm);
        return u;
    }

    private void quotient(double[] u, double h, double[] into) {
        central(u, h, into);
        if (stencil == Stencil.FOUR_POINT) {
            double[] coarse = new double[u.length];
            central(u, 2 * h, coarse);
            for (int i = 0; i < into.length; i++) {
                into[i] = (4 * into[i] - coarse[i]) / 3;
            }
        }
    }

    private void central(double[] u, double h, double[] into) {
        gradient(u, h, into);
        gradient(u, -h, minus);
        for (int i = 0; i < into.length; i++) {
            into[i] = (into[i] - minus[i]) / (2 * h);
        }
    }

    private void gradient(double[] u, double h, double[] into) {
        for (int i = 0; i < u.length; i++) {
            point[i] = theta[i] + h * u[i];
        }
        objective.valueAndGradient(point, into);
        for (int i = 0; i < into.length; i++) {
            if (!Double.isFinite(into[i])) {
                throw new ArithmeticException("the gradient must be finite near the point, got " + into[i]
                        + " in element " + i + " at a distance of " + Math.abs(h));
            }
        }
    }
}
