/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.environment.TabularEnvironment;

/**
 * Which observation each state shows.
 *
 * @param of [state]
 * @param count number of observations
 */
@SuppressWarnings("ArrayRecordComponent") // within this package, never changed
record Aliasing(int[] of, int count) {

    static Aliasing of(TabularEnvironment environment) {
        int[] observations = new int[environment.mdp().states()];
        for (int state = 0; state < observations.length; state++) {
            observations[state] = environment.observation(state);
        }
        return new Aliasing(observations, environment.observationSpace().count());
    }
}
