package org.amend4j.environment;

import org.amend4j.check.Checks;

/**
 * What one action led to.
 *
 * @param observation of the state after the action; the receiver's own array
 * @param reward finite
 * @param terminated the decision process ended: no value lies beyond this step
 * @param truncated the episode was cut off from outside, as by a {@link TimeLimit}: value does lie beyond. Both flags
 *     can be true on one step; then nothing lies beyond
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record Step(double[] observation, double reward, boolean terminated, boolean truncated) {

    public Step {
        Checks.finite("reward", reward);
    }

    /** Whether the next thing must be a reset. */
    public boolean ended() {
        return terminated || truncated;
    }
}
