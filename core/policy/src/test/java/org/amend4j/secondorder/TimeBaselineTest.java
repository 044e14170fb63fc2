/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.algorithm.LogitNetwork;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.junit.jupiter.api.Test;

/** Nothing is sampled: all trajectories of a process of three states that ends by chance, with their probabilities. */
class TimeBaselineTest {

    private static final int HORIZON = 3;
    private static final double GAMMA = 0.9;
    private static final double[] THETA = {0.3, -0.8, 0.5};

    private final TabularEnvironment environment = Processes.random(3, 2, true, 3);
    private final LogitMap map = new LogitMap.Bernoulli(3);
    private final Policy policy = LogitNetwork.policy(map, THETA);
    private final ExactReturn exact = ExactReturn.of(environment, map, GAMMA).truncated(HORIZON);
    private final List<Path> paths = paths();

    private record Path(double probability, List<int[]> steps, List<Double> rewards, boolean ended) {}

    /** σ(θ_s) for action 1. */
    private static double probability(int state, int action) {
        double one = 1 / (1 + Math.exp(-THETA[state]));
        return action == 1 ? one : 1 - one;
    }

    private List<Path> paths() {
        List<Path> all = new ArrayList<>();
        double[] start = environment.mdp().start();
        for (int state = 0; state < 3; state++) {
            go(state, new Path(start[state], List.of(), List.of(), false), all);
        }
        assertEquals(1, all.stream().mapToDouble(Path::probability).sum(), 1e-12);
        assertTrue(all.stream().anyMatch(path -> path.ended() && path.steps().size() == 1));
        return all;
    }

    private void go(int state, Path before, List<Path> all) {
        if (before.ended() || before.steps().size() == HORIZON) {
            all.add(before);
            return;
        }
        FiniteMdp mdp = environment.mdp();
        for (int action = 0; action < 2; action++) {
            for (Transition outcome : mdp.outcomes(state, action)) {
                List<int[]> steps = new ArrayList<>(before.steps());
                steps.add(new int[] {state, action});
                List<Double> rewards = new ArrayList<>(before.rewards());
                rewards.add(outcome.reward());
                double probability = before.probability() * probability(state, action) * outcome.probability();
                go(outcome.next(), new Path(probability, steps, rewards, outcome.terminated()), all);
            }
        }
    }

    private TakenSteps steps() {
        int rows = paths.stream().mapToInt(path -> path.steps().size()).sum();
        double[] inputs = new double[3 * rows];
        double[] actions = new double[rows];
        double[] rewards = new double[rows];
        int[] lengths = new int[paths.size()];
        List<Segment> segments = new ArrayList<>();
        int row = 0;
        for (int i = 0; i < lengths.length; i++) {
            Path path = paths.get(i);
            lengths[i] = path.steps().size();
            segments.add(new Segment(row, lengths[i], 0, path.ended(), false, new double[3]));
            for (int t = 0; t < lengths[i]; t++) {
                inputs[3 * row + path.steps().get(t)[0]] = 1;
                actions[row] = path.steps().get(t)[1];
                rewards[row++] = path.rewards().get(t);
            }
        }
        Decisions decisions = new Decisions(rows, inputs, actions, new boolean[0], lengths);
        return new TakenSteps(decisions, rewards, policy.evaluate(decisions).logProbabilities(), segments);
    }

    private double[] gradient(TimeBaseline baseline) {
        double[] mean = new double[3];
        new FrozenSurrogate(policy, steps(), GAMMA, baseline).each(THETA, (i, gradient) -> {
            for (int k = 0; k < 3; k++) {
                mean[k] += paths.get(i).probability() * gradient[k];
            }
        });
        return mean;
    }

    /** E Σ γ^t g_t (c_t c_tᵀ + Σ∇²log π) by its formula: scores are a - p, second derivatives -p(1 - p). */
    private double[][] hessian(double[] gains) {
        double[][] mean = new double[3][3];
        int row = 0;
        for (Path path : paths) {
            double[] c = new double[3];
            double[] d = new double[3];
            for (int t = 0; t < path.steps().size(); t++) {
                int state = path.steps().get(t)[0];
                double p = probability(state, 1);
                c[state] += path.steps().get(t)[1] - p;
                d[state] -= p * (1 - p);
                double weight = path.probability() * Math.pow(GAMMA, t) * gains[row++];
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 3; j++) {
                        mean[i][j] += weight * (c[i] * c[j] + (i == j ? d[i] : 0));
                    }
                }
            }
        }
        return mean;
    }

    /** Some ten thousand roundings of numbers below 1. */
    private static final double ROUNDING = 1e-14;

    @Test
    void gradientAndHessianKeepTheirMeansWhateverTheConstants() {
        TakenSteps steps = steps();
        for (double[] constants : List.of(new double[3], new double[] {0.7, -0.3, 1.1}, new double[] {-5, 0, 2})) {
            TimeBaseline baseline = new TimeBaseline(constants);
            assertArrayEquals(exact.returnGradient(THETA), gradient(baseline), ROUNDING * 10);
            double[][] expected = exact.returnHessian(THETA);
            double[][] mean = hessian(baseline.gains(steps, GAMMA));
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(expected[i], mean[i], ROUNDING * 10);
            }
        }
    }

    /** What stops at the end of an episode depends on the policy. */
    @Test
    void leavingOutStepsAfterTheEndBiasesTheHessian() {
        double[] constants = {7, -3, 11};
        TakenSteps steps = steps();
        double[] gains = steps.rewards().clone();
        for (Segment segment : steps.segments()) {
            for (int t = 0; t < segment.length(); t++) {
                gains[segment.begin() + t] -= constants[t];
            }
        }
        double[][] expected = exact.returnHessian(THETA);
        double[][] mean = hessian(gains);
        double worst = 0;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                worst = Math.max(worst, Math.abs(expected[i][j] - mean[i][j]));
            }
        }
        assertTrue(worst > 1e-3, Double.toString(worst));
    }

    /** Trajectories' own mean is no constant: with two of them, of one step, half of the gradient is gone. */
    @Test
    void aBaselineFromTheSameTrajectoriesIsBiased() {
        double average = paths.stream()
                .mapToDouble(path -> path.probability() * path.rewards().get(0))
                .sum();
        double[] mean = new double[3];
        for (Path path : paths) {
            int state = path.steps().get(0)[0];
            double score = path.steps().get(0)[1] - probability(state, 1);
            // E over the other of two trajectories: r - (r + E r)/2
            mean[state] += path.probability() * score * (path.rewards().get(0) - average) / 2;
        }
        double[] oneStep = ExactReturn.of(environment, map, GAMMA).truncated(1).returnGradient(THETA);
        for (int k = 0; k < 3; k++) {
            assertEquals(oneStep[k] / 2, mean[k], 1e-14);
        }
    }

    /** Of rewards around 10 nearly all of the second moment is the offset's. */
    @Test
    void theSecondMomentFallsWhereRewardsHaveAnOffset() {
        TakenSteps steps = steps();
        double[] shifted = Arrays.stream(steps.rewards()).map(r -> r + 10).toArray();
        TakenSteps offset = new TakenSteps(steps.decisions(), shifted, steps.logProbabilities(), steps.segments());
        double before = secondMoment(offset, TimeBaseline.NONE);
        double after = secondMoment(offset, new TimeBaseline(new double[] {10, 8, 6.4}));
        assertTrue(after < before / 5, after + " against " + before);
    }

    private double secondMoment(TakenSteps steps, TimeBaseline baseline) {
        double[] sum = {0};
        new FrozenSurrogate(policy, steps, GAMMA, baseline).each(THETA, (i, gradient) -> {
            sum[0] += paths.get(i).probability()
                    * Arrays.stream(gradient).map(x -> x * x).sum();
        });
        return sum[0];
    }

    @Test
    void valuesStayAndMeansCountWhatEnded() {
        TakenSteps steps = steps();
        TimeBaseline mean = TimeBaseline.of(steps, HORIZON);
        double last = 0;
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).steps().size() == HORIZON) {
                last += paths.get(i).rewards().get(HORIZON - 1) / paths.size();
            }
        }
        assertEquals(last, mean.perStep()[HORIZON - 1], 1e-14);
        // at home all ratios are 1, so the value is the mean return, with a baseline or without
        assertEquals(
                new FrozenSurrogate(policy, steps, GAMMA).value(THETA),
                new FrozenSurrogate(policy, steps, GAMMA, mean).value(THETA),
                1e-13);
        assertThrows(IllegalArgumentException.class, () -> new TimeBaseline(new double[2]).gains(steps, GAMMA));
    }
}
