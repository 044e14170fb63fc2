/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * Computes the areas of permuted classes, which are nearly all of the work of attacks that learn. No score depends on it.
 *
 * @param <E> what it may fail of
 */
@FunctionalInterface
public interface Permutations<E extends Exception> {

    /** This thread, one after the other. */
    Permutations<RuntimeException> HERE = PermutedClasses::areas;

    /** {@link PermutedClasses#area} of every permutation, in the order of their numbers. */
    double[] areas(PermutedClasses classes) throws E;
}
