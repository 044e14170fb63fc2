/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * An approximate eigenvalue and eigenvector of a symmetric operator H.
 *
 * <p>What the residual proves: some eigenvalue of H lies in {@code [value - residual, value + residual]} (Parlett, The
 * Symmetric Eigenvalue Problem, theorem 4.5.1). It does not prove that this eigenvalue is an extreme one. If H is only
 * known with an error, H's own eigenvalues may lie further away by as much.
 *
 * @param value λ, finite
 * @param vector v, [dimension], of norm 1 to rounding; owned by the pair, not to be changed
 * @param residual {@code ‖Hv - λv‖} or an upper bound on it, at least 0
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of millions of elements per access would be the larger surprise
public record Eigenpair(double value, double[] vector, double residual) {

    /** @throws IllegalArgumentException if a number is out of its range or the vector is empty */
    public Eigenpair {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("an eigenvalue must be finite, got " + value);
        }
        if (vector.length == 0) {
            throw new IllegalArgumentException("an eigenvector must have at least 1 element, got none");
        }
        if (!(residual >= 0)) {
            throw new IllegalArgumentException("a residual must be >= 0, got " + residual);
        }
    }

    /**
     * The same pair with its residual measured, {@code ‖Hv - λv‖/‖v‖}, for one product.
     *
     * @throws IllegalArgumentException if the operator has another dimension
     */
    public Eigenpair measured(SymmetricOperator operator) {
        Vectors.requireLength("an eigenvector", vector, operator.dimension());
        double[] product = new double[vector.length];
        operator.apply(vector, product);
        Vectors.add(-value, vector, product);
        return new Eigenpair(value, vector, Vectors.norm(product) / Vectors.norm(vector));
    }
}
