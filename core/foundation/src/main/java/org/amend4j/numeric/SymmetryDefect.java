/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import java.util.Random;

/**
 * How far an operator H is from symmetric, estimated from random pairs of unit vectors u and v: with directions uniform
 * on the sphere, {@code E (uᵀHv - vᵀHu)² = ‖H - Hᵀ‖²/d²} and {@code E ‖Hv‖² = ‖H‖²/d} (Frobenius norms).
 *
 * @param asymmetry estimate of {@code ‖H - Hᵀ‖_F}; rounding and errors of the products are in it
 * @param norm estimate of {@code ‖H‖_F}
 * @param pairs of vectors behind the estimates
 * @param seed of the vectors
 */
public record SymmetryDefect(double asymmetry, double norm, int pairs, long seed) {

    static SymmetryDefect of(SymmetricOperator operator, int pairs, long seed) {
        if (pairs < 1) {
            throw new IllegalArgumentException("the number of pairs must be >= 1, got " + pairs);
        }
        int d = operator.dimension();
        Random random = new Random(seed);
        double[] hu = new double[d];
        double[] hv = new double[d];
        double differences = 0;
        double squares = 0;
        for (int k = 0; k < pairs; k++) {
            double[] u = Vectors.randomUnit(d, random);
            double[] v = Vectors.randomUnit(d, random);
            operator.apply(u, hu);
            operator.apply(v, hv);
            double difference = d * (Vectors.dot(u, hv) - Vectors.dot(v, hu));
            differences += difference * difference;
            squares += d * (Vectors.dot(hu, hu) + Vectors.dot(hv, hv)) / 2;
        }
        return new SymmetryDefect(Math.sqrt(differences / pairs), Math.sqrt(squares / pairs), pairs, seed);
    }

    /** The asymmetry as a fraction of the norm, 0 for the zero operator. */
    public double relative() {
        return asymmetry == 0 ? 0 : asymmetry / norm;
    }
}
