/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/**
 * The result of one action.
 *
 * @param observation of the state after the action; the receiver's own array
 * @param reward finite; not checked here, but by {@link VectorEnvironment}, which can say where
 * @param terminated the decision process ended: no value lies beyond this step
 * @param truncated the episode was cut off from outside, as by a {@link TimeLimit}: value does lie beyond. Both flags
 *     can be true on one step; then nothing lies beyond
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record StepResult(double[] observation, double reward, boolean terminated, boolean truncated) {

    /** Whether the next thing must be a reset. */
    public boolean ended() {
        return terminated || truncated;
    }
}
