/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * A symmetric matrix known by its products with vectors. Whether it is symmetric is up to the implementation;
 * {@link #symmetryDefect} measures it.
 */
public interface SymmetricOperator {

    /** The number of rows and columns, at least 1. */
    int dimension();

    /**
     * The product with a vector.
     *
     * @param v [dimension]; only read
     * @param into overwritten with the product, [dimension]; not {@code v}
     * @throws IllegalArgumentException if a length is wrong
     */
    void apply(double[] v, double[] into);

    /**
     * Measures how far the operator is from symmetric, for two products per pair.
     *
     * @param pairs of random vectors, at least 1
     * @param seed of the vectors
     */
    default SymmetryDefect symmetryDefect(int pairs, long seed) {
        return SymmetryDefect.of(this, pairs, seed);
    }
}
