/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.exact.CriticChain;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.TableScore;

/**
 * Whether the chain of states that an actor-critic's TD(0) would learn along under a policy is as the theory needs it: one class that
 * is reached from everywhere, and no period.
 *
 * @param period of the chain; empty if it has several recurrent classes
 * @param why it has
 */
record ChainCheck(OptionalInt period, String why) {

    /** Dense matrices of more states take too long. */
    private static final int MOST_STATES = 1_000;

    /** Of finite environments that are not too large, and policies without a memory. */
    static Optional<ChainCheck> of(EnvironmentSpec spec, Policy policy) {
        if (spec.finite().isEmpty() || policy.network().recurrent()) {
            return Optional.empty();
        }
        TabularEnvironment environment = spec.finite().get().get();
        if (environment.mdp().states() > MOST_STATES) {
            return Optional.empty();
        }
        CriticChain chain = CriticChain.ofStates(environment.mdp(), TableScore.probabilities(policy, environment));
        try {
            return Optional.of(new ChainCheck(OptionalInt.of(chain.period()), ""));
        } catch (IllegalStateException several) {
            return Optional.of(new ChainCheck(OptionalInt.empty(), String.valueOf(several.getMessage())));
        }
    }

    boolean isErgodic() {
        return period.isPresent() && period.getAsInt() == 1;
    }

    String sentence() {
        if (period.isEmpty()) {
            return "The chain of states under this policy does not come to one place: " + why
                    + ". TD(0) along it depends on where it starts, and what is known of actor-critic does not apply.";
        }
        return period.getAsInt() == 1
                ? "The chain of states under this policy, restarts included, has one recurrent class and no period, as what is"
                        + " known of actor-critic needs."
                : "The chain of states under this policy has the period " + period.getAsInt()
                        + ": its law does not converge, and what is known of actor-critic, whose TD(0) runs along it, does not"
                        + " apply (a chain that sometimes stays where it is has none).";
    }

    /** For JSON. */
    record Facts(boolean oneRecurrentClass, Optional<Integer> period, String sentence) {}

    Facts facts() {
        return new Facts(period.isPresent(), period.stream().boxed().findFirst(), sentence());
    }
}
