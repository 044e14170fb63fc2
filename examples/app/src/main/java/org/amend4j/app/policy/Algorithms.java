/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.List;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.Schedule;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Space;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.ObservationEncoder;

/** Settings of the algorithms without a preset, and the user's changes to them. */
public final class Algorithms {

    /** What they are called on the command line. */
    public static final List<String> NAMES = List.of("gpomdp", "actor-critic", "reinforce", "a2c", "ppo");

    private static final double RATE_OF_TABLES = 3e-2;
    private static final int CRITIC_WIDTH = 32;
    private static final int LONGEST_EPISODE = 10_000;

    private Algorithms() {}

    /**
     * Checks that there is such an algorithm.
     *
     * @throws BadInputException if it is neither this library's nor the user's
     */
    public static void require(String algorithm, Surroundings surroundings) {
        if (!NAMES.contains(algorithm) && surroundings.algorithm(algorithm).isEmpty()) {
            throw new BadInputException("--algo must be one of " + String.join(", ", NAMES)
                    + ", or one that --class-path registers, got '" + algorithm + "'");
        }
    }

    /** Whether the algorithm is one of theory mode. */
    public static boolean isTheory(String algorithm) {
        return algorithm.equals("gpomdp") || algorithm.equals("actor-critic");
    }

    /** Usual settings of practice mode, or of an algorithm of the user's. */
    static AlgorithmConfig practice(String algorithm, EnvironmentSpec spec, long steps, Surroundings surroundings) {
        boolean table = spec.finite().isPresent();
        return switch (algorithm) {
            case "reinforce" ->
                Reinforce.Config.DEFAULT.withMostSteps(spec.timeLimit().orElse(LONGEST_EPISODE));
            case "a2c" -> {
                A2c.Config usual = A2c.Config.DEFAULT.withNormalisedRewards();
                yield usual.withClimb(usual.climb().withRate(Schedule.linear(table ? RATE_OF_TABLES : 3e-3, steps)));
            }
            case "ppo" -> {
                Ppo.Config usual = Ppo.Config.DEFAULT.withNormalisedRewards();
                yield usual.withClimb(usual.climb().withRate(Schedule.linear(table ? RATE_OF_TABLES : 1e-3, steps)));
            }
            default -> surroundings.algorithm(algorithm).orElseThrow();
        };
    }

    /**
     * The double loop's critic: a table of Q where observations are discrete, else a small network.
     *
     * @throws BadInputException if actions are not discrete
     */
    static ActionValue critic(EnvironmentSpec spec) {
        if (!(spec.actionSpace() instanceof Space.Discrete actions)) {
            throw new BadInputException("--algo actor-critic needs discrete actions, got " + spec.actionSpace() + " ("
                    + spec.id() + "): try gpomdp, reinforce, a2c or ppo");
        }
        return spec.observationSpace() instanceof Space.Discrete observations
                ? new ActionValue.PerAction(observations.count(), actions.count())
                : new ActionValue.Network(
                        network(ObservationEncoder.of(spec.observationSpace()).size(), actions.count()));
    }

    private static Approximator network(int inputs, int outputs) {
        return Approximators.random(
                List.of(
                        new DenseShape(inputs, CRITIC_WIDTH, true, DenseActivation.TANH),
                        new DenseShape(CRITIC_WIDTH, outputs, true, DenseActivation.IDENTITY)),
                1,
                0);
    }
}
