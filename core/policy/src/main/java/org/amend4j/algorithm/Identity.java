/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.function.Function;
import org.amend4j.identity.Facts;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/**
 * What identifies a run. State is only accepted from a run that agrees in all of these.
 *
 * @param algorithm with all its settings
 * @param environment its name
 * @param policy shape of its network, distribution and encoder
 * @param seed the root of all random numbers
 */
public record Identity(String algorithm, String environment, String policy, long seed) {

    static Identity of(
            AlgorithmConfig config, Task task, Policy policy, long seed, Function<? super Facts, String> words) {
        Approximator network = policy.network();
        String shape = network.inputs() + " inputs, " + network.outputs() + " outputs, " + policy.dimension()
                + " parameters in " + network.precision().name();
        return new Identity(
                config.algorithm() + " " + words.apply(config.facts()),
                task.name(),
                shape + ", " + words.apply(policy.distribution().facts()) + ", "
                        + words.apply(policy.encoder().facts()),
                seed);
    }

    /**
     * Checks that another run's state may be used in this one.
     *
     * @throws IllegalArgumentException if it may not, naming what differs
     */
    public void requireSame(Identity other) {
        requireSame("environment", environment, other.environment);
        requireSame("algorithm", algorithm, other.algorithm);
        requireSame("policy", policy, other.policy);
        requireSame("seed", Long.toString(seed), Long.toString(other.seed));
    }

    private static void requireSame(String what, String own, String others) {
        if (!own.equals(others)) {
            throw new IllegalArgumentException(
                    "a run can only be resumed with its own " + what + ", '" + others + "', got '" + own + "'");
        }
    }
}
