/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.internal.validation.Checks;

/**
 * One thing that can happen when an action is taken in a state of a {@link FiniteMdp}.
 *
 * @param probability in [0, 1]
 * @param next the state after, an index
 * @param reward finite
 * @param terminated whether the episode ends with it
 */
public record Transition(double probability, int next, double reward, boolean terminated) {

    public Transition {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability must be in [0, 1], got " + probability);
        }
        Checks.atLeast(0, "next", next);
        Checks.finite("reward", reward);
    }
}
