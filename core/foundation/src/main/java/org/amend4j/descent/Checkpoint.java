/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/**
 * Everything a run of gradient descent needs to continue after {@code step} steps as if it had not stopped.
 *
 * @param step number of steps made
 * @param theta θ_step; owned by the checkpoint, not to be changed
 * @param previousStepSize η_{step-1}, which a backtracking rule starts from; NaN before the first step
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of millions of parameters per access would be the larger surprise
public record Checkpoint(int step, double[] theta, double previousStepSize) {

    /** @throws IllegalArgumentException if the step is negative or there are no parameters */
    public Checkpoint {
        if (step < 0) {
            throw new IllegalArgumentException("the step of a checkpoint must be >= 0, got " + step);
        }
        if (theta.length == 0) {
            throw new IllegalArgumentException("a checkpoint must hold parameters, got none (step " + step + ")");
        }
    }
}
