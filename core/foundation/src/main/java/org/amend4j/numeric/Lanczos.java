/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import org.amend4j.internal.validation.Checks;

/**
 * Extreme eigenvalues of a symmetric operator by the Lanczos algorithm with full re-orthogonalisation, from a random start.
 *
 * <p>Memory: the basis, {@code maximalSteps·d} doubles at most, and a few vectors. Time: one product a step, and {@code 8·d·j} operations
 * to orthogonalise the j-th vector. It stops as soon as the wanted ends have residuals of at most {@code tolerance·|largest Ritz value in
 * magnitude|}. It never stops at an invariant subspace without having explored the complement. Equal operators and seeds give equal bytes.
 *
 * @param maximalSteps m, at least 1; more than the dimension are never made
 * @param tolerance relative, at least 0; 0 makes all steps, unless invariant subspaces come first
 * @param seed of the random start
 */
public record Lanczos(int maximalSteps, double tolerance, long seed) {

    /** Which eigenvalues it waits for; the other ones are reported as they are then. */
    public enum Ends {
        /** The smallest one. */
        SMALLEST,
        /** The largest one. */
        LARGEST,
        /** The smallest and the largest one. */
        BOTH
    }

    /** @throws IllegalArgumentException if a number is out of its range */
    public Lanczos {
        Checks.atLeast(1, "the maximal number of Lanczos steps", maximalSteps);
        Checks.belowOne("the tolerance of Lanczos", tolerance);
    }

    /**
     * Approximates the ends of the spectrum.
     *
     * @throws ArithmeticException if a product is not finite
     */
    public ExtremeEigenvalues of(SymmetricOperator operator, Ends wanted) {
        int most = Math.min(maximalSteps, operator.dimension());
        KrylovBasis basis = new KrylovBasis(operator, most, seed);
        do {
            basis.extend();
        } while (basis.size() < most && !(basis.mayStop() && negligible(basis, wanted, 0)));
        return result(basis, operator.dimension(), negligible(basis, wanted, basis.defect()));
    }

    /** Whether {@code |β_m·s_m| + defect} is within the tolerance at the ends that are wanted. */
    private boolean negligible(KrylovBasis basis, Ends wanted, double defect) {
        int m = basis.size();
        double[][] last = new double[1][m];
        last[0][m - 1] = 1;
        double[] offDiagonal = basis.offDiagonal();
        double[] ritz = SymmetricTridiagonal.solve(basis.diagonal(), offDiagonal, last);
        double allowed = tolerance * Math.max(Math.abs(ritz[0]), Math.abs(ritz[m - 1]));
        double smallest = Math.abs(offDiagonal[m - 1] * last[0][0]) + defect;
        double largest = Math.abs(offDiagonal[m - 1] * last[0][m - 1]) + defect;
        return (wanted == Ends.LARGEST || smallest <= allowed) && (wanted == Ends.SMALLEST || largest <= allowed);
    }

    private ExtremeEigenvalues result(KrylovBasis basis, int dimension, boolean converged) {
        int m = basis.size();
        double[][] q = new double[m][m];
        for (int i = 0; i < m; i++) {
            q[i][i] = 1;
        }
        double[] ritz = SymmetricTridiagonal.solve(basis.diagonal(), basis.offDiagonal(), q);
        return new ExtremeEigenvalues(
                pair(basis, ritz, q, 0),
                pair(basis, ritz, q, m - 1),
                converged,
                dimension,
                m,
                basis.breakdowns(),
                basis.defect(),
                seed);
    }

    private static Eigenpair pair(KrylovBasis basis, double[] ritz, double[][] q, int k) {
        int m = ritz.length;
        double[] s = new double[m];
        for (int j = 0; j < m; j++) {
            s[j] = q[j][k];
        }
        double bound = Math.abs(basis.offDiagonal()[m - 1] * s[m - 1]) + basis.defect();
        return new Eigenpair(ritz[k], basis.combine(s), bound);
    }
}
