/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

/** Is notified of steps, on the run's thread. */
@FunctionalInterface
public interface StepListener {

    /** Does nothing. */
    StepListener NONE = (step, of) -> {};

    /**
     * A step was made.
     *
     * @param step how many were made
     * @param of how many there will be
     */
    void madeStep(int step, int of);

    /**
     * A Newton step was made towards a small gradient; how many there will be is not known.
     *
     * @param step how many were made
     * @param gradientNorm of the gradient there
     * @param wanted the norm that it has to fall to
     */
    default void converging(int step, double gradientNorm, double wanted) {}
}
