/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/** Batches to freeze. */
final class Trajectories {

    private Trajectories() {}

    /** Trajectories of the XOR process with given actions. */
    static TakenSteps xor(Policy policy, double[]... actions) {
        List<Segment> segments = new ArrayList<>();
        int rows = Arrays.stream(actions).mapToInt(a -> a.length).sum();
        double[] inputs = new double[2 * rows];
        double[] rewards = new double[rows];
        int row = 0;
        for (double[] own : actions) {
            segments.add(new Segment(row, own.length, 0, false, false, new double[2]));
            TabularEnvironment environment = XorMdp.plain();
            double[] observation = environment.reset(1);
            for (double action : own) {
                policy.encoder().encode(observation, inputs, 2 * row);
                StepResult step = environment.step(action);
                rewards[row++] = step.reward();
                observation = step.observation();
            }
        }
        double[] all = Arrays.stream(actions).flatMapToDouble(Arrays::stream).toArray();
        int[] lengths = Arrays.stream(actions).mapToInt(a -> a.length).toArray();
        Decisions decisions = new Decisions(rows, inputs, all, new boolean[0], lengths);
        return new TakenSteps(decisions, rewards, policy.evaluate(decisions).logProbabilities(), segments);
    }

    /** All 2^H strings of actions, as batches of one trajectory each. */
    static double[][] strings(int horizon) {
        double[][] strings = new double[1 << horizon][horizon];
        for (int string = 0; string < strings.length; string++) {
            for (int t = 0; t < horizon; t++) {
                strings[string][t] = string >> t & 1;
            }
        }
        return strings;
    }

    /** Probability of each trajectory's actions. */
    static double[] probabilities(TakenSteps steps) {
        return steps.segments().stream()
                .mapToDouble(s -> Math.exp(Arrays.stream(steps.logProbabilities(), s.begin(), s.end())
                        .sum()))
                .toArray();
    }

    static TakenSteps sampled(TabularEnvironment environment, Policy policy, int trajectories, int horizon, long seed) {
        return EpisodeCollector.cutAt(Task.of("sampled", environment::another), trajectories, horizon)
                .collect(policy, false, seed, ~seed);
    }
}
