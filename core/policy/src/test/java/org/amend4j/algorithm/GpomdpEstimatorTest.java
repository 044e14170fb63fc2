/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.estimator.Returns;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpomdpEstimatorTest {

    /** All 2^H strings of actions with their probabilities: no sampling, so the tolerance is rounding's. */
    @Test
    void meanAndCovarianceOverAllActionStringsAreTheReferences() {
        int compared = 0;
        for (JsonNode golden : Processes.golden().get("enumeration")) {
            int horizon = golden.get("H").intValue();
            double gamma = golden.get("gamma").doubleValue();
            Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, Processes.numbers(golden.get("theta")));
            double[] mean = new double[2];
            double[][] squares = new double[2][2];
            for (int string = 0; string < 1 << horizon; string++) {
                TakenSteps steps = xorSteps(policy, string, horizon);
                double probability =
                        Math.exp(Arrays.stream(steps.logProbabilities()).sum());
                double[] g = new GpomdpEstimator(policy, gamma).gradient(steps);
                for (int i = 0; i < 2; i++) {
                    mean[i] += probability * g[i];
                    for (int j = 0; j < 2; j++) {
                        squares[i][j] += probability * g[i] * g[j];
                    }
                }
            }
            assertArrayEquals(Processes.numbers(golden.get("mean")), mean, 1e-12);
            for (int i = 0; i < 2; i++) {
                double[] expected = Processes.numbers(golden.get("covariance").get(i));
                for (int j = 0; j < 2; j++) {
                    assertEquals(expected[j], squares[i][j] - mean[i] * mean[j], 1e-12 * Math.max(1, expected[j]));
                }
            }
            compared++;
        }
        assertEquals(7, compared);
    }

    private static TakenSteps xorSteps(Policy policy, int string, int horizon) {
        TabularEnvironment environment = XorMdp.plain();
        double[] observation = environment.reset(1);
        double[] inputs = new double[2 * horizon];
        double[] actions = new double[horizon];
        double[] rewards = new double[horizon];
        for (int t = 0; t < horizon; t++) {
            policy.encoder().encode(observation, inputs, 2 * t);
            actions[t] = string >> t & 1;
            StepResult step = environment.step(actions[t]);
            rewards[t] = step.reward();
            observation = step.observation();
        }
        Decisions decisions = new Decisions(horizon, inputs, actions, new boolean[0], new int[] {horizon});
        double[] logProbabilities = policy.evaluate(decisions).logProbabilities();
        double[] successor = new double[2];
        policy.encoder().encode(observation, successor, 0);
        return new TakenSteps(
                decisions, rewards, logProbabilities, List.of(new Segment(0, horizon, 0, false, false, successor)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void meanOnXorIsTheExactGradientOfTheTruncatedReturn(long seed) {
        double[] theta = {1, -0.8};
        assertUnbiased(XorMdp.plain(), Processes.XOR_LOGITS, theta, 10, seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void meanOnRandomProcessesIsTheExactGradientOfTheTruncatedReturn(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, seed % 2 == 0, seed);
        LogitMap map = new LogitMap.Table(4, 3);
        assertUnbiased(environment, map, Processes.normal(12, 0.5, seed), 12, seed);
    }

    /**
     * 8,000 trajectories, 5 standard errors of each component (false alarm below 6e-7 each). The twin without γ^k is one of the
     * same samples and must be further away than that.
     */
    private static void assertUnbiased(
            TabularEnvironment environment, LogitMap map, double[] theta, int horizon, long seed) {
        double gamma = 0.8;
        Policy policy = LogitNetwork.policy(map, theta);
        Task task = Task.of("sampled", environment::another);
        TakenSteps steps = EpisodeCollector.cutAt(task, 8_000, horizon).collect(policy, false, seed, ~seed);
        double[] exact =
                ExactReturn.of(environment, map, gamma).truncated(horizon).returnGradient(theta);
        assertTrue(within5Errors(exact, new GpomdpEstimator(policy, gamma).perTrajectory(steps)));
        assertFalse(within5Errors(exact, withoutDiscountOfStates(policy, steps, gamma)));
    }

    private static double[][] withoutDiscountOfStates(Policy policy, TakenSteps steps, double gamma) {
        List<double[]> gradients = new ArrayList<>();
        for (Segment segment : steps.segments()) {
            double[] weights = Returns.toGo(CollectedRows.rewards(steps, segment), gamma);
            Decisions alone = steps.decisions().range(segment.begin(), segment.end(), new int[] {segment.length()});
            gradients.add(policy.evaluate(alone).gradient(weights, new double[0], new double[0]));
        }
        return gradients.toArray(new double[0][]);
    }

    private static boolean within5Errors(double[] expected, double[][] samples) {
        boolean within = true;
        int n = samples.length;
        for (int i = 0; i < expected.length; i++) {
            int column = i;
            double mean = Arrays.stream(samples).mapToDouble(g -> g[column]).sum() / n;
            double squares = Arrays.stream(samples)
                    .mapToDouble(g -> (g[column] - mean) * (g[column] - mean))
                    .sum();
            within &= Math.abs(mean - expected[i]) <= 5 * Math.sqrt(squares / n / (n - 1));
        }
        return within;
    }

    /** The same sum in another order: at most rows · 2^-53 of the summed sizes, far below 1e-12 here. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void gradientIsTheMeanOverTrajectories(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, true, seed);
        Policy policy = LogitNetwork.policy(new LogitMap.Table(4, 3), Processes.normal(12, 1, seed));
        TakenSteps steps = EpisodeCollector.cutAt(Task.of("sampled", environment::another), 50, 9)
                .collect(policy, false, seed, ~seed);
        GpomdpEstimator estimator = new GpomdpEstimator(policy, 0.9);
        double[][] each = estimator.perTrajectory(steps);
        double[] mean = new double[12];
        for (double[] g : each) {
            for (int i = 0; i < 12; i++) {
                mean[i] += g[i] / each.length;
            }
        }
        assertArrayEquals(mean, estimator.gradient(steps), 1e-12);
    }

    /** With a baseline the mean must stay exact, and the noise must fall: the learned one is fitted on other episodes. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void baselineFittedOnEarlierEpisodesKeepsTheMeanAndLowersTheNoise(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, true, seed);
        LogitMap map = new LogitMap.Table(4, 3);
        double[] theta = Processes.normal(12, 0.5, seed);
        Policy policy = LogitNetwork.policy(map, theta);
        EpisodeCollector collector = EpisodeCollector.cutAt(Task.of("sampled", environment::another), 20, 12);
        SplitMix64 starts = new SplitMix64(seed);
        SplitMix64 actions = new SplitMix64(~seed);
        StateBaseline baseline = new StateBaseline(4);
        // a constant offset of the rewards is what a baseline takes off
        baseline.fit(shifted(collector.collect(policy, false, starts.nextLong(), actions.nextLong())), 0.8);
        double[][] with = new double[400][];
        double[][] without = new double[400][];
        for (int i = 0; i < 400; i++) {
            TakenSteps steps = shifted(collector.collect(policy, false, starts.nextLong(), actions.nextLong()));
            with[i] = new GpomdpEstimator(policy, 0.8).gradient(steps, baseline.of(steps));
            without[i] = new GpomdpEstimator(policy, 0.8).gradient(steps);
        }
        assertTrue(difference(with, without) < 5, "difference in standard errors " + difference(with, without));
        assertTrue(spread(with) < 0.5 * spread(without), spread(with) + " and " + spread(without));
    }

    private static TakenSteps shifted(TakenSteps steps) {
        double[] rewards = Arrays.stream(steps.rewards()).map(r -> r + 2).toArray();
        return new TakenSteps(steps.decisions(), rewards, steps.logProbabilities(), steps.segments());
    }

    /** The largest difference of the means, in standard errors of the paired differences. */
    private static double difference(double[][] some, double[][] others) {
        double most = 0;
        int n = some.length;
        for (int i = 0; i < some[0].length; i++) {
            double sum = 0;
            double squares = 0;
            for (int k = 0; k < n; k++) {
                double d = some[k][i] - others[k][i];
                sum += d;
                squares += d * d;
            }
            most = Math.max(most, Math.abs(sum / n) / Math.sqrt((squares / n - sum / n * sum / n) / (n - 1)));
        }
        return most;
    }

    private static double spread(double[][] samples) {
        double total = 0;
        for (int i = 0; i < samples[0].length; i++) {
            int column = i;
            double mean =
                    Arrays.stream(samples).mapToDouble(g -> g[column]).average().orElseThrow();
            total += Arrays.stream(samples)
                    .mapToDouble(g -> (g[column] - mean) * (g[column] - mean))
                    .sum();
        }
        return total;
    }
}
