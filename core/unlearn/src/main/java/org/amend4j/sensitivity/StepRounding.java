/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

/** The error that floating point adds to a step of gradient descent. */
@FunctionalInterface
public interface StepRounding {

    /**
     * How far the computed step can be from the exact one made from the same point, in the Euclidean norm.
     *
     * @param t number of the step, from 0
     * @param step what it does
     * @return >= 0
     */
    double ofStep(int t, LedgerStep step);
}
