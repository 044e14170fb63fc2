/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.HorizonChooser;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.numeric.Vectors;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/** Horizons for theory mode, with constants from the environment's tables where it has any, else from sampling it. */
final class TheoryHorizon {

    /** Of the bias, if neither it nor a horizon is asked for. */
    static final double TOLERANCE = 0.01;

    private static final int EPISODES_LOOKED_AT = 8;
    private static final int SCORES_LOOKED_AT = 256;

    private TheoryHorizon() {}

    /**
     * What the user knows or wants.
     *
     * @param steps H
     * @param tolerance of the bias; of both one at most
     * @param rewards that the environment keeps to
     */
    record Wish(Optional<Integer> steps, Optional<Double> tolerance, Optional<RewardRange> rewards) {

        private boolean free() {
            return steps.isEmpty() && tolerance.isEmpty();
        }
    }

    /**
     * A horizon: the one that is wished for, else the least for the usual bias, or all that the time limit allows where that is
     * less, or where nothing is known of rewards.
     *
     * @param learner as it begins
     * @throws BadInputException if H is more than the time limit, or nothing is known to choose it by
     */
    static Horizon of(EnvironmentSpec spec, Learner learner, double gamma, Wish wish) {
        try {
            BiasConstants constants = constants(spec, learner, gamma, wish.rewards());
            if (wish.steps().isPresent()) {
                return within(spec, Horizon.given(wish.steps().get(), BiasBound.C, constants), false);
            }
            if (!constants.boundsRewards()) {
                return unbounded(spec, wish, constants);
            }
            Horizon horizon = new HorizonChooser(BiasBound.C, constants)
                    .within(wish.tolerance().orElse(TOLERANCE));
            return within(spec, horizon, wish.free());
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    /** The least H for the usual tolerance, to compare with a horizon that was chosen for no tolerance; empty if out of reach. */
    static OptionalInt forUsualTolerance(Horizon horizon) {
        try {
            return OptionalInt.of(new HorizonChooser(horizon.bound(), horizon.constants())
                    .within(TOLERANCE)
                    .steps());
        } catch (IllegalArgumentException outOfReach) {
            return OptionalInt.empty();
        }
    }

    /** Where all rewards seen are alike. */
    private static Horizon unbounded(EnvironmentSpec spec, Wish wish, BiasConstants constants) {
        if (wish.free() && spec.timeLimit().isPresent()) {
            return Horizon.given(spec.timeLimit().getAsInt(), BiasBound.C, constants);
        }
        throw new BadInputException("all rewards in " + EPISODES_LOOKED_AT + " episodes of " + spec.id() + " are "
                + constants.rewards().most() + ", so there is no horizon to choose by them: give"
                + " --reward-range LOW,HIGH, or --horizon");
    }

    /** The horizon as it is, or cut to the time limit if the user did not ask for it. */
    private static Horizon within(EnvironmentSpec spec, Horizon horizon, boolean free) {
        int limit = spec.timeLimit().orElse(Integer.MAX_VALUE);
        if (horizon.steps() <= limit) {
            return horizon;
        }
        if (free) {
            return Horizon.given(limit, horizon.bound(), horizon.constants());
        }
        throw new BadInputException("the horizon must be within the time limit of " + spec.id() + ", " + limit
                + " steps, got H = " + horizon.steps() + ": give --horizon, or switch the limit off with --env '"
                + EnvironmentIds.withLimit(spec.id(), "none") + "'");
    }

    private static BiasConstants constants(
            EnvironmentSpec spec, Learner learner, double gamma, Optional<RewardRange> known) {
        Policy policy = learner.policy();
        boolean table = TablePolicies.isTable(policy);
        Optional<TakenSteps> seen =
                spec.finite().isPresent() && table ? Optional.empty() : Optional.of(look(spec, policy));
        // with the bias, ‖score‖² <= 2·2 and Λ <= 2·½
        ScoreConstants scores = table
                ? new ScoreConstants(
                        2, 1, BoundAssurance.KNOWN, "softmax of a logit per observation and action and one per action")
                : ScoreConstants.largestSeen(norms(policy, seen.orElseThrow()));
        RewardRange rewards = spec.finite().isPresent()
                ? range(spec.finite().get().get().mdp())
                : RewardRange.seen(seen.orElseThrow().rewards()).withEnd();
        return new BiasConstants(gamma, scores, known.isPresent() ? holding(known.get(), rewards) : rewards);
    }

    /** What the user knows, if it is not refuted. */
    private static RewardRange holding(RewardRange known, RewardRange found) {
        if (known.least() <= found.least() && found.most() <= known.most()) {
            return known;
        }
        throw new BadInputException("--reward-range must hold all rewards, and the 0 after an episode's end: got "
                + known.least() + "," + known.most() + " where they are from " + found.least() + " to " + found.most());
    }

    private static RewardRange range(FiniteMdp mdp) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        boolean ends = false;
        for (int state = 0; state < mdp.states(); state++) {
            for (int action = 0; action < mdp.actions(); action++) {
                for (Transition outcome : mdp.outcomes(state, action)) {
                    least = Math.min(least, outcome.reward());
                    most = Math.max(most, outcome.reward());
                    ends |= outcome.terminated();
                }
            }
        }
        RewardRange range = RewardRange.known(least, most);
        return ends ? range.withEnd() : range;
    }

    private static TakenSteps look(EnvironmentSpec spec, Policy policy) {
        Seeds seeds = new Seeds(0);
        int steps = spec.timeLimit().orElse(EnvironmentIds.LONGEST_EPISODE);
        try (EpisodeCollector collector = EpisodeCollector.cutAt(Task.of(spec), EPISODES_LOOKED_AT, steps)) {
            return collector.collect(
                    policy, false, seeds.seed(Purpose.DIAGNOSTICS, 0), seeds.seed(Purpose.DIAGNOSTICS, 1));
        } catch (IllegalStateException cut) {
            throw new BadInputException(
                    spec.id() + " cuts episodes off by itself: give its time limit, such as '" + spec.id()
                            + "?limit=20' (" + cut.getMessage() + ")",
                    cut);
        }
    }

    /** ‖∇log π(a|s)‖ of the first steps seen. */
    private static double[] norms(Policy policy, TakenSteps steps) {
        Decisions all = steps.decisions();
        int inputs = policy.network().inputs();
        int size = policy.distribution().actionSize();
        List<Segment> segments = steps.segments();
        int rows = Math.min(SCORES_LOOKED_AT, segments.get(segments.size() - 1).end());
        double[] norms = new double[rows];
        for (int row = 0; row < rows; row++) {
            Decisions one = new Decisions(
                    1,
                    Arrays.copyOfRange(all.inputs(), row * inputs, (row + 1) * inputs),
                    Arrays.copyOfRange(all.actions(), row * size, (row + 1) * size),
                    new boolean[0],
                    new int[] {1});
            double[] score = policy.evaluate(one).gradient(new double[] {1}, new double[0], new double[0]);
            norms[row] = Vectors.correctedNorm(score);
        }
        return norms;
    }
}
