/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * An orthonormal basis V of a Krylov space and the tridiagonal matrix T with {@code HV = VT + β_m·v_{m+1}·e_mᵀ + F}
 * (Lanczos 1950), every new vector orthogonalised twice against all others (Parlett, The Symmetric Eigenvalue Problem,
 * 6.9 and 13.8). F is what the operator lacks in symmetry, what rounding does, and the β that were dropped as zero;
 * its Frobenius norm is kept, up to the rounding of the orthogonalisation itself.
 *
 * <p>When β is zero to rounding, the basis spans an invariant subspace; it then continues with a random vector of the
 * orthogonal complement.
 */
final class KrylovBasis {

    /** β below this multiple of {@code √d·ε·‖H‖} is noise, not direction. */
    private static final double BREAKDOWN = 10 * Math.ulp(1.0);

    /** A random unit vector with less than this outside of the basis is drawn again. */
    private static final double LEAST_OUTSIDE = 1e-8;

    private final SymmetricOperator operator;
    private final Random random;
    private final List<double[]> vectors = new ArrayList<>();
    private final double[] alpha;
    private final double[] beta;
    private double[] next = {};
    private boolean broken = true; // no vector to go on with
    private int breakdowns;
    private int firstBlock;
    private double scale;
    private double defectSquared;

    KrylovBasis(SymmetricOperator operator, int most, long seed) {
        this.operator = operator;
        this.random = new Random(seed);
        this.alpha = new double[most];
        this.beta = new double[most];
    }

    /** Adds one vector, for one product with the operator. */
    void extend() {
        int j = vectors.size();
        double[] v = broken ? complement() : next;
        vectors.add(v);
        double[] w = new double[v.length];
        operator.apply(v, w);
        scale = Math.max(scale, Vectors.norm(w));
        if (!Double.isFinite(scale)) {
            throw new ArithmeticException(
                    "products with the operator must be finite, got one of norm " + scale + " in step " + j);
        }
        double[] along = projectOut(w);
        alpha[j] = along[j];
        for (int i = 0; i < j; i++) {
            double expected = i == j - 1 ? beta[i] : 0;
            defectSquared += square(along[i] - expected);
        }
        accept(w, j);
    }

    private void accept(double[] w, int j) {
        double norm = Vectors.norm(w);
        broken = norm <= BREAKDOWN * Math.sqrt(w.length) * scale || vectors.size() == w.length;
        if (broken) {
            defectSquared += square(norm);
            firstBlock = breakdowns++ == 0 ? vectors.size() : firstBlock;
        } else {
            beta[j] = norm;
            Vectors.divide(w, norm);
            next = w;
        }
    }

    private double[] complement() {
        double[] v;
        do {
            v = Vectors.randomUnit(operator.dimension(), random);
            projectOut(v);
        } while (Vectors.norm(v) < LEAST_OUTSIDE);
        Vectors.divide(v, Vectors.norm(v));
        projectOut(v);
        Vectors.divide(v, Vectors.norm(v));
        return v;
    }

    /** Removes from w what is in the basis, twice; returns what was removed, in the basis' coordinates. */
    private double[] projectOut(double[] w) {
        double[] removed = new double[vectors.size()];
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < removed.length; i++) {
                double along = Vectors.dot(vectors.get(i), w);
                Vectors.add(-along, vectors.get(i), w);
                removed[i] += along;
            }
        }
        return removed;
    }

    /** m. */
    int size() {
        return vectors.size();
    }

    /** T's diagonal, [m]. */
    double[] diagonal() {
        return Arrays.copyOf(alpha, size());
    }

    /** T's off-diagonal [m - 1], and last β_m, which is 0 if the space is invariant. */
    double[] offDiagonal() {
        return Arrays.copyOf(beta, size());
    }

    /** The j-th vector, [d]; not to be changed. */
    double[] vector(int j) {
        return vectors.get(j);
    }

    /** {@code ‖F‖_F}. */
    double defect() {
        return Math.sqrt(defectSquared);
    }

    /** How often an invariant subspace was found. */
    int breakdowns() {
        return breakdowns;
    }

    /**
     * Whether it may stop here. An invariant subspace has exact Ritz values that need not be the extreme ones, so after a
     * breakdown the complement is searched as long as the first space, or until it breaks down too.
     */
    boolean mayStop() {
        return breakdowns != 1 || size() >= 2 * firstBlock;
    }

    /** {@code Vs}, normalised. */
    double[] combine(double[] s) {
        double[] sum = new double[operator.dimension()];
        for (int j = 0; j < s.length; j++) {
            Vectors.add(s[j], vectors.get(j), sum);
        }
        Vectors.divide(sum, Vectors.norm(sum));
        return sum;
    }

    private static double square(double x) {
        return x * x;
    }
}
