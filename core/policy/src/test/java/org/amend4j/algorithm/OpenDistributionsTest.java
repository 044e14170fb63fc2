/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.Logistic;
import org.amend4j.policy.MultiCategorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.SquashedGaussian;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Algorithms with distributions and encoders of every kind, one's own among them. */
class OpenDistributionsTest {

    private static final int STEPS = 6;

    /** What there is to see is drawn anew after each action; an episode is cut off after {@value #STEPS} steps. */
    private abstract static class Sight implements Environment {

        private SplitMix64 random = new SplitMix64(0);
        private double[] seen = new double[0];

        abstract double reward(double[] seen, double[] action);

        @Override
        public double[] reset(long seed) {
            random = new SplitMix64(seed);
            seen = observationSpace().sample(random);
            return seen.clone();
        }

        @Override
        public StepResult step(double... action) {
            double reward = reward(seen, action);
            seen = observationSpace().sample(random);
            return new StepResult(seen.clone(), reward, false, false);
        }
    }

    /** A tool to be taken up and a side to be turned to, each for half of the reward; the third tool is locked. */
    private static final class Workbench extends Sight {

        @Override
        public Space observationSpace() {
            Map<String, Space> parts = new LinkedHashMap<>();
            parts.put("side", Space.Box.symmetric(2));
            parts.put("tool", new Space.Discrete(2));
            return new Space.Dict(parts);
        }

        @Override
        public Space actionSpace() {
            return Space.MultiDiscrete.of(3, 2);
        }

        @Override
        double reward(double[] seen, double[] action) {
            if (action[0] == 2) {
                throw new IllegalStateException("locked");
            }
            return (action[0] == seen[1] ? 0.5 : 0) + (action[1] == (seen[0] > 0 ? 1 : 0) ? 0.5 : 0);
        }

        @Override
        public boolean[] allowedActions() {
            return new boolean[] {true, true, false, true, true};
        }
    }

    /** A number to be met, in a box that is not symmetric. */
    private static final class Target extends Sight {

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(1);
        }

        @Override
        public Space actionSpace() {
            return new Space.Box(new double[] {-2}, new double[] {3});
        }

        @Override
        double reward(double[] seen, double[] action) {
            double off = Math.max(-2, Math.min(3, action[0])) - 0.5 - seen[0];
            return 1 - off * off;
        }
    }

    /** Which distribution on which environment. */
    private enum Kind {
        SEVERAL_INDICES {
            @Override
            Environment environment() {
                return new Workbench();
            }

            @Override
            ActionDistribution distribution() {
                return MultiCategorical.of(3, 2);
            }
        },
        SQUASHED {
            @Override
            ActionDistribution distribution() {
                return SquashedGaussian.of(environment().actionSpace());
            }

            @Override
            ActionDistribution ofTheory() {
                return SquashedGaussian.fixed((Space.Box) environment().actionSpace(), 0.5);
            }
        },
        GAUSSIAN {
            @Override
            ActionDistribution distribution() {
                return Gaussian.trained(1);
            }
        },
        ONES_OWN {
            @Override
            ActionDistribution distribution() {
                return new Logistic(0.5);
            }
        };

        Environment environment() {
            return new Target();
        }

        abstract ActionDistribution distribution();

        /** Constant steps, and scores without a bound: with a deviation that shrinks they would grow without one. */
        ActionDistribution ofTheory() {
            return distribution();
        }

        Task task(boolean limited) {
            return Task.of(name(), () -> limited ? new TimeLimit(environment(), STEPS) : environment());
        }

        Policy policy(boolean value, boolean normalised) {
            ActionDistribution distribution = normalised ? distribution() : ofTheory();
            Space space = environment().observationSpace();
            ObservationEncoder encoder =
                    normalised ? ObservationEncoder.normalising(space) : ObservationEncoder.of(space);
            Approximator network = Approximators.random(
                    List.of(
                            new DenseShape(encoder.size(), 8, true, DenseActivation.TANH),
                            new DenseShape(
                                    8, distribution.outputs() + (value ? 1 : 0), true, DenseActivation.IDENTITY)),
                    0.3,
                    4);
            return new Policy(network, distribution, encoder);
        }
    }

    private static Algorithm algorithm(String name, Kind kind, Policy policy) {
        return switch (name) {
            case "gpomdp" ->
                new Gpomdp(
                        Gpomdp.Config.of(
                                        Processes.horizon(0.9, STEPS),
                                        new StepSize.Constant(kind == Kind.SEVERAL_INDICES ? 0.2 : 0.02))
                                .withTrajectories(16)
                                .withStateBaseline(true),
                        kind.task(false),
                        policy,
                        3);
            case "reinforce" ->
                new Reinforce(
                        Reinforce.Config.DEFAULT
                                .withEntropy(0.01)
                                .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(1e-2)),
                        kind.task(true),
                        policy,
                        3);
            case "a2c" ->
                new A2c(
                        A2c.Config.DEFAULT
                                .withGamma(0.9)
                                .withNormalisedRewards()
                                .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(1e-2)),
                        kind.task(true),
                        policy,
                        3);
            default ->
                new Ppo(
                        Ppo.Config.DEFAULT
                                .withGamma(0.9)
                                .withNormalisedRewards()
                                .withBatch(8, 32, 4, 4)
                                .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(1e-2)),
                        kind.task(true),
                        policy,
                        3);
        };
    }

    private static double score(Policy policy, Kind kind) {
        return PolicyScores.of(policy, kind.task(true), 100, true, 0.9, STEPS, 5)
                        .mean()
                / STEPS;
    }

    /**
     * Greedy actions earn at most 1 a step. Chance earns 1/2 at the workbench, half of what there is to know 3/4, and standing still
     * 2/3 at the target. Constant steps without a learned deviation go on trembling: theory mode need not get quite as far.
     */
    @ParameterizedTest
    @CsvSource({
        "SEVERAL_INDICES, gpomdp, 60000",
        "SEVERAL_INDICES, reinforce, 30000",
        "SEVERAL_INDICES, a2c, 30000",
        "SEVERAL_INDICES, ppo, 30000",
        "SQUASHED, gpomdp, 60000",
        "SQUASHED, reinforce, 30000",
        "SQUASHED, a2c, 30000",
        "SQUASHED, ppo, 30000",
        "GAUSSIAN, ppo, 30000",
        "ONES_OWN, gpomdp, 60000",
        "ONES_OWN, reinforce, 30000",
        "ONES_OWN, a2c, 30000",
        "ONES_OWN, ppo, 30000"
    })
    void learns(Kind kind, String name, int steps) {
        boolean theory = name.equals("gpomdp");
        Policy policy = kind.policy(name.equals("a2c") || name.equals("ppo"), !theory);
        double before = score(policy, kind);
        try (PolicyTraining training = new PolicyTraining(algorithm(name, kind, policy), StopRule.steps(steps))) {
            training.run();
        }
        double after = score(policy, kind);
        assertTrue(before < 0.8 && after > (theory ? 0.8 : 0.9), before + " became " + after);
    }

    @ParameterizedTest
    @CsvSource({"SEVERAL_INDICES, ppo", "SQUASHED, a2c", "ONES_OWN, ppo", "ONES_OWN, reinforce", "SQUASHED, gpomdp"})
    void interruptedAndResumedIsUninterruptedToTheLastBit(Kind kind, String name, @TempDir Path folder)
            throws IOException {
        Path middle = folder.resolve("middle");
        Path end = folder.resolve("end");
        Path again = folder.resolve("again");
        PolicyTraining whole = training(kind, name);
        whole.algorithm().update();
        TrainingCheckpoint.write(middle, whole);
        whole.algorithm().update();
        TrainingCheckpoint.write(end, whole);
        PolicyTraining resumed = training(kind, name);
        TrainingCheckpoint.resume(middle, resumed);
        resumed.algorithm().update();
        TrainingCheckpoint.write(again, resumed);
        assertArrayEquals(Files.readAllBytes(end), Files.readAllBytes(again));
    }

    private static PolicyTraining training(Kind kind, String name) {
        Policy policy = kind.policy(name.equals("a2c") || name.equals("ppo"), !name.equals("gpomdp"));
        return new PolicyTraining(algorithm(name, kind, policy), StopRule.steps(1_000_000));
    }

    @Test
    void aRunIsOnlyResumedWithItsOwnSettings(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("checkpoint");
        TrainingCheckpoint.write(file, training(Kind.ONES_OWN, "ppo"));
        Policy own = Kind.ONES_OWN.policy(true, true);
        Policy other = new Policy(own.network(), new Logistic(0.25), own.encoder());
        PolicyTraining training = new PolicyTraining(algorithm("ppo", Kind.ONES_OWN, other), StopRule.steps(9));
        String sentence = assertThrows(IllegalArgumentException.class, () -> TrainingCheckpoint.resume(file, training))
                .getMessage();
        assertTrue(sentence.contains("its own policy") && sentence.contains("Logistic[scale=0.5]"), sentence);
    }

    private static PolicyTraining critic(String features) {
        ActionValue critic =
                new ActionValue.Linear(features, 1, (input, action) -> new double[] {input[0] * action[0]});
        ActorCritic.Config config =
                ActorCritic.Config.of(0.9, ActorCritic.Critic.of(critic, 5), new StepSize.Constant(0.1));
        return new PolicyTraining(
                new ActorCritic(config, Kind.ONES_OWN.task(false), Kind.ONES_OWN.policy(false, false), 1),
                StopRule.steps(9));
    }

    @Test
    void aCriticIsOnlyResumedWithFeaturesOfItsName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("checkpoint");
        TrainingCheckpoint.write(file, critic("product"));
        TrainingCheckpoint.resume(file, critic("product"));
        PolicyTraining other = critic("sum");
        String sentence = assertThrows(IllegalArgumentException.class, () -> TrainingCheckpoint.resume(file, other))
                .getMessage();
        assertTrue(
                sentence.contains("its own algorithm")
                        && sentence.contains("critic=Linear/2[dimension=1, features=product]"),
                sentence);
        assertThrows(IllegalArgumentException.class, () -> critic("two words"));
    }

    @Test
    void aCriticOfSingleActionsRefusesSeveral() {
        ActorCritic.Config config = ActorCritic.Config.of(
                0.9, ActorCritic.Critic.of(new ActionValue.PerAction(3, 3), 5), new StepSize.Constant(0.1));
        String sentence = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ActorCritic(
                                config, Kind.SEVERAL_INDICES.task(false), Kind.SEVERAL_INDICES.policy(false, false), 1))
                .getMessage();
        assertTrue(sentence.contains("a number per action needs single discrete actions"), sentence);
        assertTrue(sentence.contains("ActionValue.Linear"), sentence);
    }
}
