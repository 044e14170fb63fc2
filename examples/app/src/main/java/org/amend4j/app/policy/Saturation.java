/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.policy.ActionDistribution;

/**
 * Whether a policy hardly explores when its training begins, as may happen to one that was trained to convergence
 * elsewhere: it cannot learn about actions that it does not try. The numbers behind it are in docs/policy.md.
 */
final class Saturation {

    /** Share of the greatest entropy. */
    private static final double LITTLE = 0.25;

    /** Weight of the entropy that helped. */
    private static final double HELPED = 0.1;

    private Saturation() {}

    /**
     * A warning, if there is reason for one.
     *
     * @param entropy mean in the states of the first update
     * @param weight of the entropy bonus
     */
    static Optional<String> sentence(ActionDistribution distribution, double entropy, double weight) {
        OptionalDouble most = distribution.greatestEntropy();
        if (most.isEmpty() || !(entropy < LITTLE * most.getAsDouble())) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "the policy that it begins with tries little: its entropy in the first update was %.2g of at most %.2f"
                        + " nats. Where returns do not rise, a larger --entropy helps (now %s%s): docs/policy.md has"
                        + " measurements.",
                entropy,
                most.getAsDouble(),
                weight,
                weight < HELPED ? ", try " + HELPED : ""));
    }
}
