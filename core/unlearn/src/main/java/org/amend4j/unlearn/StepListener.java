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
}
