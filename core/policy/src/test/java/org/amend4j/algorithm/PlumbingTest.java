/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole updates of REINFORCE, A2C and PPO against their objectives written out and differentiated numerically. */
class PlumbingTest {

    private static final double GAMMA = 0.9;
    private static final double LAMBDA = 0.8;
    private static final double ENTROPY = 0.03;
    private static final double VALUE = 0.7;
    private static final double RATE = 0.05;
    private static final double CLIP = 0.002;

    /** Limit 13: of 3 rows' 40 steps some episodes fall over, some are cut off, and some are still running. */
    private static final Task POLE = Task.of("pole", () -> new TimeLimit(new CartPole(), 13));

    private static Policy policy(long seed) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(4, 5, true, DenseActivation.TANH),
                        new DenseShape(5, 3, true, DenseActivation.IDENTITY)),
                1,
                seed);
        return new Policy(network, new Categorical(2), new ObservationEncoder.AsIs(4));
    }

    /** What the first update will collect: the collector is a function of seeds and policy. */
    private static TakenSteps firstSteps(Policy policy, long seed) {
        Seeds seeds = new Seeds(seed);
        return new FragmentCollector(POLE, 3, GAMMA, false, seeds.seed(Purpose.ENVIRONMENT, 0))
                .collect(policy, 40, seeds.seed(Purpose.ACTIONS, 0))
                .steps();
    }

    /** A_k = Σ_{t>=k} (γλ)^(t-k) (r_t + γ V(s_{t+1}) - V(s_t)) within a segment, written out. */
    private static double[] advantages(Policy policy, TakenSteps steps, boolean bootstrap) {
        double[] result = new double[steps.rows()];
        for (Segment s : steps.segments()) {
            for (int k = s.begin(); k < s.end(); k++) {
                for (int t = k; t < s.end(); t++) {
                    boolean last = t == s.end() - 1;
                    double next = last
                            ? (s.terminated() || !bootstrap ? 0 : value(policy, s.successor()))
                            : value(policy, input(steps, t + 1));
                    double delta = steps.rewards()[t] + GAMMA * next - value(policy, input(steps, t));
                    result[k] += Math.pow(GAMMA * LAMBDA, t - k) * delta;
                }
            }
        }
        return result;
    }

    private static double[] input(TakenSteps steps, int row) {
        return Arrays.copyOfRange(steps.decisions().inputs(), 4 * row, 4 * row + 4);
    }

    private static double value(Policy policy, double[] input) {
        return policy.network().forward(input, new int[] {1}).outputs()[2];
    }

    /** mean[surrogate + entropy bonus - value loss] at the policy's parameters. */
    private static double objective(
            Policy policy, TakenSteps steps, double[] advantages, double[] targets, boolean clipped) {
        double sum = 0;
        for (int row = 0; row < steps.rows(); row++) {
            double[] z =
                    policy.network().forward(input(steps, row), new int[] {1}).outputs();
            double p = 1 / (1 + Math.exp(z[0] - z[1]));
            double chosen = steps.decisions().actions()[row] == 1 ? p : 1 - p;
            double gain = Math.log(chosen) * advantages[row];
            if (clipped) {
                double ratio = chosen / Math.exp(steps.logProbabilities()[row]);
                double cut = Math.max(1 - CLIP, Math.min(1 + CLIP, ratio));
                gain = Math.min(ratio * advantages[row], cut * advantages[row]);
            }
            double entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
            sum += gain + ENTROPY * entropy - VALUE * 0.5 * (z[2] - targets[row]) * (z[2] - targets[row]);
        }
        return sum / steps.rows();
    }

    /** θ + η∇, by central differences: errors of order 1e-10 with h = 1e-5. */
    private static void climb(Policy policy, ToDoubleFunction<Policy> objective) {
        double[] theta = policy.parameters();
        double[] next = theta.clone();
        for (int i = 0; i < theta.length; i++) {
            double[] moved = theta.clone();
            moved[i] = theta[i] + 1e-5;
            policy.setParameters(moved);
            double above = objective.applyAsDouble(policy);
            moved[i] = theta[i] - 1e-5;
            policy.setParameters(moved);
            next[i] += RATE * (above - objective.applyAsDouble(policy)) / 2e-5;
        }
        policy.setParameters(next);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void anUpdateOfA2cIsAStepUpItsObjective(long seed) {
        A2c.Config config = A2c.Config.DEFAULT
                .withBatch(3, 40)
                .withGamma(GAMMA)
                .withLambda(LAMBDA)
                .withEntropy(ENTROPY)
                .withValueWeight(VALUE)
                .withOptimizer(new Optimizer.Sgd(0), Schedule.constant(RATE))
                .withMostNorm(Double.POSITIVE_INFINITY);
        Policy learning = policy(seed);
        TakenSteps steps = firstSteps(learning, seed);
        assertTrue(steps.segments().stream().anyMatch(Segment::terminated));
        assertTrue(steps.segments().stream().anyMatch(s -> s.truncated() && !s.terminated()));
        new A2c(config, POLE, learning, seed).update();
        for (boolean bootstrap : new boolean[] {true, false}) {
            Policy expected = policy(seed);
            double[] advantages = advantages(expected, steps, bootstrap);
            double[] targets = targets(expected, steps, advantages);
            climb(expected, p -> objective(p, steps, advantages, targets, false));
            assertEquals(bootstrap, distance(expected, learning) < 1e-8, "distance " + distance(expected, learning));
        }
    }

    /** Two epochs of one mini-batch: the second is off-policy, and with so small a clip many rows drop out. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void anUpdateOfPpoIsItsEpochsUpTheClippedObjective(long seed) {
        Ppo.Config config = Ppo.Config.DEFAULT
                .withBatch(3, 40, 2, 1)
                .withGamma(GAMMA)
                .withLambda(LAMBDA)
                .withEntropy(ENTROPY)
                .withValueWeight(VALUE)
                .withNormalise(false)
                .withClip(Schedule.constant(CLIP))
                .withOptimizer(new Optimizer.Sgd(0), Schedule.constant(RATE))
                .withMostNorm(Double.POSITIVE_INFINITY);
        Policy learning = policy(seed);
        TakenSteps steps = firstSteps(learning, seed);
        UpdateRecord record = new Ppo(config, POLE, learning, seed).update();
        assertTrue(record.get(Metric.CLIP_FRACTION).orElseThrow() > 0.05, record::toString);
        Policy expected = policy(seed);
        double[] advantages = advantages(expected, steps, true);
        double[] targets = targets(expected, steps, advantages);
        climb(expected, p -> objective(p, steps, advantages, targets, true));
        assertFalse(distance(expected, learning) < 1e-4);
        climb(expected, p -> objective(p, steps, advantages, targets, true));
        assertTrue(distance(expected, learning) < 1e-8, "distance " + distance(expected, learning));
    }

    /** The first update's baseline is 0; the second's is made of the first batch, and not of its own. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @OneIn(3)
    void anUpdateOfReinforceIsAStepUpScoresWeightedAboveTheBaselineOfTheBatchBefore(long seed) {
        Reinforce.Config config = Reinforce.Config.DEFAULT
                .withEpisodes(6)
                .withGamma(GAMMA)
                .withBaseline(Reinforce.Baseline.LINEAR)
                .withEntropy(ENTROPY)
                .withNormalise(false)
                .withOptimizer(new Optimizer.Sgd(0), Schedule.constant(RATE));
        Policy learning = policy(seed);
        Reinforce reinforce = new Reinforce(config, POLE, learning, seed);
        StateBaseline before = new StateBaseline(4);
        for (int update = 0; update < 2; update++) {
            TakenSteps steps = episodes(learning, seed, update);
            StateBaseline own = new StateBaseline(4);
            own.fit(steps, GAMMA);
            double[] theta = learning.parameters();
            reinforce.update();
            assertEquals(0, distance(learning, climbed(theta, steps, before.of(steps))), 1e-8);
            assertTrue(distance(learning, climbed(theta, steps, own.of(steps))) > 1e-3);
            before.fit(steps, GAMMA);
        }
    }

    /** What an update of REINFORCE collects. */
    private static TakenSteps episodes(Policy policy, long seed, long update) {
        Seeds seeds = new Seeds(seed);
        return EpisodeCollector.whole(POLE, 6, 13)
                .collect(policy, false, seeds.seed(Purpose.ENVIRONMENT, update), seeds.seed(Purpose.ACTIONS, update));
    }

    private static Policy climbed(double[] theta, TakenSteps steps, double[] baseline) {
        double[] advantages = new double[steps.rows()];
        for (Segment s : steps.segments()) {
            for (int k = s.begin(); k < s.end(); k++) {
                advantages[k] = -baseline[k];
                for (int t = k; t < s.end(); t++) {
                    advantages[k] += Math.pow(GAMMA, t - k) * steps.rewards()[t];
                }
            }
        }
        Policy result = policy(0);
        result.setParameters(theta);
        climb(result, p -> objective(p, steps, advantages, valuesAt(theta, steps), false));
        return result;
    }

    /** Targets at which the critic's error has no slope, there being no critic. */
    private static double[] valuesAt(double[] theta, TakenSteps steps) {
        Policy still = policy(0);
        still.setParameters(theta);
        return still.evaluate(steps.decisions()).values();
    }

    private static double[] targets(Policy policy, TakenSteps steps, double[] advantages) {
        double[] targets = advantages.clone();
        for (int row = 0; row < targets.length; row++) {
            targets[row] += value(policy, input(steps, row));
        }
        return targets;
    }

    private static double distance(Policy one, Policy other) {
        double[] a = one.parameters();
        double[] b = other.parameters();
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    /** In mini-batches every row is used once an epoch: with rate 0⁺ the steps add up to the whole batch's gradient. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void miniBatchesOfAnEpochAreTheBatch(long seed) {
        double tiny = 1e-9;
        double[][] moved = new double[2][];
        for (int parts = 1; parts <= 2; parts++) {
            Policy policy = policy(seed);
            double[] before = policy.parameters();
            Ppo.Config config = Ppo.Config.DEFAULT
                    .withBatch(3, 40, 1, parts == 1 ? 1 : 5)
                    .withNormalise(false)
                    .withOptimizer(new Optimizer.Sgd(0), Schedule.constant(tiny))
                    .withMostNorm(Double.POSITIVE_INFINITY);
            new Ppo(config, POLE, policy, seed).update();
            double[] after = policy.parameters();
            moved[parts - 1] = new double[after.length];
            for (int i = 0; i < after.length; i++) {
                moved[parts - 1][i] = (after[i] - before[i]) / tiny / (parts == 1 ? 1 : 5);
            }
        }
        // rounding of θ ± 1e-9: 2^-53 · |θ| / 1e-9 = 1e-7 a step; values here are of the order of 10
        assertArrayEquals(moved[0], moved[1], 1e-5);
    }
}
