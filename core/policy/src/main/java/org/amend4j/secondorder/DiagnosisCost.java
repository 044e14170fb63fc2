/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * An upper bound on the cost of a diagnosis, known in advance.
 *
 * @param environmentSteps of both batches
 * @param rows of a batch, which every pass goes over
 * @param forwardPasses over a batch, those with a backward pass included
 * @param backwardPasses over a batch
 */
public record DiagnosisCost(long environmentSteps, long rows, int forwardPasses, int backwardPasses) {

    /** In words. */
    public String sentence() {
        return "At most " + environmentSteps + " environment steps, then " + forwardPasses + " forward and "
                + backwardPasses + " backward passes over at most " + rows + " rows each.";
    }
}
