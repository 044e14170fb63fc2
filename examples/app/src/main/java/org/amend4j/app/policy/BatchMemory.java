/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.FragmentConfig;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;

/** Whether a requested batch fits into memory, checked before anything is written. */
final class BatchMemory {

    /** Of a step besides its observation: action, probability, reward, value, advantage and what goes with them. */
    private static final long NUMBERS_OF_A_STEP = 8;

    private BatchMemory() {}

    /**
     * Refuses a batch if its steps alone take more than Java's memory when its episodes are as long as possible. This is a lower bound:
     * learning needs more.
     *
     * @throws BadInputException naming the options that help
     */
    static void require(AlgorithmConfig config, EnvironmentSpec spec) {
        double steps = steps(config, spec);
        double bytes = steps * Double.BYTES * (spec.observationSpace().size() + NUMBERS_OF_A_STEP);
        long most = Runtime.getRuntime().maxMemory();
        if (bytes > most || steps > Integer.MAX_VALUE) {
            throw new BadInputException(String.format(
                    Locale.ROOT,
                    "--batch or --environments is too large: an update of up to %,.0f steps takes at least %,.0f MB, and Java has %,d MB: give a"
                            + " smaller --batch, or more memory with AMEND4J_JAVA_OPTS=-Xmx8g",
                    steps,
                    bytes / (1 << 20),
                    most >> 20));
        }
    }

    private static double steps(AlgorithmConfig config, EnvironmentSpec spec) {
        if (config instanceof FragmentConfig<?> fragments) {
            return (double) fragments.fragments().environments()
                    * fragments.fragments().steps();
        }
        if (config instanceof Gpomdp.Config gpomdp) {
            return (double) gpomdp.trajectories() * gpomdp.horizon().steps();
        }
        if (config instanceof Reinforce.Config reinforce) {
            int limit = spec.timeLimit().orElse(Integer.MAX_VALUE);
            return (double) reinforce.episodes() * Math.min(reinforce.mostSteps(), limit);
        }
        return config instanceof ActorCritic.Config critic ? critic.pairs() : 0;
    }
}
