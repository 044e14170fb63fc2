/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import org.amend4j.internal.validation.Checks;

/**
 * Solves Ax = b for a symmetric positive definite A, known by its products, by conjugate gradients (Hestenes and Stiefel 1952; Golub and
 * Van Loan, "Matrix Computations", 11.3). In exact arithmetic the residual is 0 after as many products as A has distinct eigenvalues.
 */
public final class ConjugateGradients {
    private ConjugateGradients() {}

    /** Is told of every product, before it is made; may refuse to go on. */
    @FunctionalInterface
    public interface ProductListener {
        /**
         * The next product is about to be made.
         *
         * @throws InterruptedException to stop
         */
        void product() throws InterruptedException;
    }

    /**
     * An x with {@code ‖b - Ax‖ <= tolerance·‖b‖}, or the best that so many products give. Where A turns out not to be positive along a
     * direction, the x reached before it is the answer; b itself if that is 0.
     *
     * @param b [dimension]; only read
     * @param tolerance of the residual, relatively, in (0, 1)
     * @param most products, >= 1
     * @throws InterruptedException if the listener stops it
     */
    public static double[] solve(SymmetricOperator a, double[] b, double tolerance, int most, ProductListener listener)
            throws InterruptedException {
        Vectors.requireLength("the right side", b, a.dimension());
        Checks.atLeast(1, "the number of products", most);
        double[] x = new double[b.length];
        double[] residual = b.clone();
        double[] direction = b.clone();
        double[] product = new double[b.length];
        double squares = Vectors.dot(residual, residual);
        double enough = tolerance * tolerance * squares;
        for (int k = 0; k < most && squares > enough; k++) {
            listener.product();
            a.apply(direction, product);
            double curvature = Vectors.dot(direction, product);
            if (!(curvature > 0)) {
                return k == 0 ? b.clone() : x;
            }
            double length = squares / curvature;
            Vectors.add(length, direction, x);
            Vectors.add(-length, product, residual);
            double before = squares;
            squares = Vectors.dot(residual, residual);
            for (int i = 0; i < direction.length; i++) {
                direction[i] = residual[i] + squares / before * direction[i];
            }
        }
        return x;
    }
}
