/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.algorithm.LogitNetwork;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;
import org.amend4j.environment.XorMdp;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/** Processes and policies that a report might say something false about, each with a reason; small enough to be exact. */
final class StatedProcesses {

    /** Steps of a branch that is hardly ever taken. */
    private static final int BRANCH = 60;

    private StatedProcesses() {}

    /**
     * One of them.
     *
     * @param trajectories of a batch
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    record Case(
            String name,
            TabularEnvironment environment,
            LogitMap map,
            double[] theta,
            double gamma,
            int steps,
            int trajectories,
            double epsilon) {

        Policy policy() {
            return LogitNetwork.policy(map, theta);
        }

        Task task() {
            return Task.of(name, environment::another);
        }

        ExactReturn exact() {
            return ExactReturn.of(environment, map, gamma).truncated(steps);
        }

        Horizon horizon() {
            double least = 0;
            double most = 0;
            FiniteMdp mdp = environment.mdp();
            for (int state = 0; state < mdp.states(); state++) {
                for (int action = 0; action < mdp.actions(); action++) {
                    for (Transition outcome : mdp.outcomes(state, action)) {
                        least = Math.min(least, outcome.reward());
                        most = Math.max(most, outcome.reward());
                    }
                }
            }
            return Horizon.given(
                    steps,
                    BiasBound.C,
                    new BiasConstants(gamma, ScoreConstants.tabularSoftmax(), RewardRange.known(least, most)));
        }

        SecondOrderReport report(long seed) {
            return new SecondOrderDiagnosis(
                            SecondOrderDiagnosis.Config.of(horizon(), epsilon).withTrajectories(trajectories),
                            task(),
                            seed)
                    .of(policy());
        }
    }

    static List<Case> all() {
        return List.of(
                rareArm(150),
                new Case("rare outcome", bandit(rare(0.002, 500), sure(1)), table(1), new double[2], 0.9, 1, 150, 0.1),
                new Case("rare loss", bandit(rare(0.002, -500), sure(-1)), table(1), new double[2], 0.9, 1, 150, 0.1),
                new Case("rare goal", corridor(5), table(5), new double[10], 0.9, 5, 150, 0.02),
                new Case("plateau", corridor(3), table(3), new double[] {3, 0, 3, 0, 3, 0}, 0.9, 4, 150, 0.2),
                new Case("saddle", XorMdp.plain(), Processes.XOR_LOGITS, new double[2], 0.9, 4, 600, 0.1),
                new Case(
                        "saddle, short-sighted", XorMdp.plain(), Processes.XOR_LOGITS, new double[2], 0.5, 4, 200, 0.1),
                new Case("slope", XorMdp.plain(), Processes.XOR_LOGITS, new double[] {0.3, -0.7}, 0.9, 4, 150, 0.1),
                new Case(
                        "near a saddle",
                        XorMdp.plain(),
                        Processes.XOR_LOGITS,
                        new double[] {0.1, 0.2},
                        0.9,
                        4,
                        400,
                        0.1),
                new Case("third order", product(), new LogitMap.Bernoulli(3), new double[3], 0.9, 3, 400, 0.6),
                new Case("peak", Peaks.alike(), new LogitMap.Bernoulli(1), new double[1], 0.9, 4, 200, 0.5),
                new Case("aliased", aliased(), table(2), new double[] {0.5, 0, 0, 0.2}, 0.9, 4, 150, 0.8),
                new Case(
                        "worst arm, infinitely",
                        bandit(sure(0), sure(1)),
                        table(1),
                        new double[] {20, 0},
                        0.9,
                        1,
                        150,
                        0.1),
                new Case(
                        "best arm, infinitely",
                        bandit(sure(0), sure(1)),
                        table(1),
                        new double[] {0, 20},
                        0.9,
                        1,
                        150,
                        0.1),
                new Case("offset", bandit(sure(100), sure(101)), table(1), new double[2], 0.9, 1, 150, 0.1),
                new Case("offset, random", bandit(rare(0.5, 20), sure(10)), table(1), new double[2], 0.9, 1, 150, 0.3),
                new Case(
                        "ends", Processes.random(3, 2, true, 3), table(3), Processes.normal(6, 1, 3), 0.9, 4, 150, 0.8),
                new Case(
                        "goes on",
                        Processes.random(3, 2, false, 4),
                        table(3),
                        Processes.normal(6, 1, 4),
                        0.9,
                        3,
                        200,
                        0.6),
                new Case("zero adapter", Processes.random(2, 2, false, 5), zero(), new double[4], 0.9, 3, 300, 0.01),
                new Case(
                        "dead component",
                        Processes.random(2, 2, false, 6),
                        new LogitMap.LowRank(new double[2][2], 1, 2),
                        new double[] {1, -0.5, 0, 0, 0.5, 0, 0.3, 0},
                        0.9,
                        3,
                        150,
                        0.05),
                hiddenBranch(1e-3, 500),
                hiddenBranch(5e-4, 500),
                hiddenBranch(2e-4, 500));
    }

    /** An arm that is worth 1000 and taken with a probability of 4.1e-4: ‖∇J‖² = 0.336, λ_max = 0.82. */
    static Case rareArm(int trajectories) {
        double[] theta = {0, Math.log(4.1e-4 / (1 - 4.1e-4))};
        return new Case("rare arm", bandit(sure(0), sure(1000)), table(1), theta, 0.9, 1, trajectories, 0.1);
    }

    /**
     * A deterministic policy, but for a branch that chance takes with the probability q: 60 steps of random actions, one of which pays.
     * For q = 1e-3 the gradient is 1.6, and the entropy 4.3 % of the greatest.
     */
    static Case hiddenBranch(double q, int trajectories) {
        List<List<List<Transition>>> rows = new ArrayList<>();
        List<Transition> fork = List.of(new Transition(q, 1, 0, false), new Transition(1 - q, 0, 0, true));
        rows.add(List.of(fork, fork));
        for (int state = 1; state <= BRANCH; state++) {
            boolean last = state == BRANCH;
            int next = last ? 0 : state + 1;
            rows.add(List.of(List.of(new Transition(1, next, 0, last)), List.of(new Transition(1, next, 100, last))));
        }
        double[] start = new double[BRANCH + 1];
        start[0] = 1;
        int[] looks = new int[BRANCH + 1];
        Arrays.fill(looks, 1, looks.length, 1);
        return new Case(
                "hidden branch, q = " + q,
                new TabularEnvironment(new FiniteMdp(rows, start), looks),
                table(2),
                new double[] {20, 0, 0, 0},
                0.99,
                BRANCH + 1,
                trajectories,
                0.1);
    }

    private static LogitMap table(int observations) {
        return new LogitMap.Table(observations, 2);
    }

    private static LogitMap zero() {
        return new LogitMap.LowRank(new double[][] {{0, 1}, {0.5, 0}}, 1, 1);
    }

    private static List<Transition> sure(double reward) {
        return List.of(new Transition(1, 0, reward, true));
    }

    private static List<Transition> rare(double probability, double reward) {
        return List.of(new Transition(probability, 0, reward, true), new Transition(1 - probability, 0, 0, true));
    }

    private static TabularEnvironment bandit(List<Transition> one, List<Transition> other) {
        return new FiniteMdp(List.of(List.of(one, other)), new double[] {1}).environment();
    }

    /** One of two actions goes on, the other ends the episode; at the end of the corridor is a reward of 1. */
    private static TabularEnvironment corridor(int length) {
        List<List<List<Transition>>> rows = new ArrayList<>();
        for (int state = 0; state < length; state++) {
            boolean last = state + 1 == length;
            rows.add(List.of(
                    List.of(new Transition(1, 0, 0, true)),
                    List.of(new Transition(1, last ? 0 : state + 1, last ? 1 : 0, last))));
        }
        double[] start = new double[length];
        start[0] = 1;
        return new FiniteMdp(rows, start).environment();
    }

    /** Four random states, two of which look alike each. */
    private static TabularEnvironment aliased() {
        return new TabularEnvironment(Processes.random(4, 2, true, 9).mdp(), new int[] {0, 1, 0, 1});
    }

    /** Three bits one after the other, the reward ±1 is the product of their signs: J = γ²Π(2p_i - 1), of third order at 1/2. */
    static TabularEnvironment product() {
        List<List<List<Transition>>> rows = new ArrayList<>();
        rows.add(List.of(List.of(new Transition(1, 1, 0, false)), List.of(new Transition(1, 2, 0, false))));
        for (int sign : new int[] {0, 1}) {
            rows.add(List.of(
                    List.of(new Transition(1, 4 - sign, 0, false)), List.of(new Transition(1, 3 + sign, 0, false))));
        }
        for (int sign : new int[] {-1, 1}) {
            rows.add(List.of(List.of(new Transition(1, 0, -sign, true)), List.of(new Transition(1, 0, sign, true))));
        }
        return new TabularEnvironment(new FiniteMdp(rows, new double[] {1, 0, 0, 0, 0}), new int[] {0, 1, 1, 2, 2});
    }
}
