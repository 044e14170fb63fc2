/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.Policy;
import org.amend4j.policy.SquashedGaussian;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * Ranges of rewards and scores, and the assumptions made where they are not known: then the greatest observed value is
 * taken for the greatest possible, and the report says so.
 */
final class KnownRanges {

    /** Relative; returns nearer than that are equal. */
    private static final double EQUAL = 1e-12;

    private static final double ROUNDING = 1e-9;

    /** How many single scores are examined for a policy without a bound on its scores. */
    private static final int MOST_SCORES = 256;

    private final RewardRange rewards;
    private final ReturnRange returns;
    private final ReturnRange plainReturns;
    private final Optional<PolicyTable> table;
    private final Optional<ScoreReach> everywhere;
    private final FrozenSurrogate batch;
    private final ScoreConstants scores;
    private final int rareReturns;

    private KnownRanges(
            SecondOrderDiagnosis.Config config, RewardRange rewards, FrozenSurrogate first, FrozenSurrogate second) {
        this.rewards = rewards;
        batch = first;
        scores = config.horizon().constants().scores();
        Policy policy = first.batch().policy();
        table = PolicyTable.of(policy, first.batch().steps().decisions().allowed().length > 0);
        everywhere = table.flatMap(PolicyTable::everywhere);
        returns =
                ReturnRange.of(config.horizon().constants().gamma(), rewards, first.baseline(), config.trajectories());
        plainReturns = ReturnRange.of(
                config.horizon().constants().gamma(),
                rewards,
                new TimeBaseline(new double[config.horizon().steps()]),
                config.trajectories());
        rareReturns = rare(first, second);
    }

    static KnownRanges of(
            SecondOrderDiagnosis.Config config, TakenSteps before, FrozenSurrogate first, FrozenSurrogate second) {
        RewardRange range = config.horizon().constants().rewards();
        for (TakenSteps steps :
                List.of(before, first.batch().steps(), second.batch().steps())) {
            range = with(range, steps, config.horizon().steps());
        }
        return new KnownRanges(config, notAPoint(range), first, second);
    }

    /** With room for rounding, so that no interval is a point. */
    private static RewardRange notAPoint(RewardRange range) {
        double room = range.most() > range.least() ? 0 : ROUNDING * Math.max(1, range.magnitude());
        return new RewardRange(range.least() - room, range.most() + room, range.assurance());
    }

    /** A known range must hold what was seen; another one grows. */
    private static RewardRange with(RewardRange range, TakenSteps steps, int horizon) {
        double least = Arrays.stream(steps.rewards()).min().orElse(0);
        double most = Arrays.stream(steps.rewards()).max().orElse(0);
        for (Segment segment : steps.segments()) {
            if (segment.length() < horizon) {
                least = Math.min(least, 0);
                most = Math.max(most, 0);
            }
        }
        if (least >= range.least() && most <= range.most()) {
            return range;
        }
        if (range.assurance() == BoundAssurance.KNOWN) {
            throw new IllegalArgumentException("rewards must be in the range that the horizon knows, [" + range.least()
                    + ", " + range.most() + "], with 0 in it if episodes end, got " + least + " to " + most);
        }
        return new RewardRange(Math.min(least, range.least()), Math.max(most, range.most()), range.assurance());
    }

    /** How many trajectories of both batches have another return than most. */
    private static int rare(FrozenSurrogate first, FrozenSurrogate second) {
        double[] all = new double[first.trajectories() + second.trajectories()];
        System.arraycopy(first.returns(), 0, all, 0, first.trajectories());
        System.arraycopy(second.returns(), 0, all, first.trajectories(), second.trajectories());
        Arrays.sort(all);
        int commonest = 0;
        int run = 0;
        for (int i = 0; i < all.length; i++) {
            run = i > 0 && all[i] - all[i - 1] <= EQUAL * Math.abs(all[i]) ? run + 1 : 1;
            commonest = Math.max(commonest, run);
        }
        return all.length - commonest;
    }

    RewardRange rewards() {
        return rewards;
    }

    ReturnRange returns() {
        return returns;
    }

    /** Without the baseline. */
    ReturnRange plainReturns() {
        return plainReturns;
    }

    int rareReturns() {
        return rareReturns;
    }

    /** Of a policy that cannot be listed, what follows from its parameters alone. */
    DeadParts dead() {
        return DeadParts.of(
                table.map(PolicyTable::scoreless).orElseGet(BitSet::new),
                batch.home(),
                batch.batch().policy().network().adapters());
    }

    /** Along a direction; of a policy that cannot be listed, as far as rows that were seen go. */
    ScoreReach along(double[] direction, RowSlopes rows) {
        return table.map(known -> known.along(direction)).orElseGet(() -> ScoreReach.seen(rows));
    }

    /** Along all directions. */
    ScoreReach everywhere() {
        return everywhere.orElseGet(() -> {
            double longest = Double.isFinite(scores.norm()) ? scores.norm() : longestSeen();
            return ScoreReach.of(longest, -longest * longest, longest * longest);
        });
    }

    private double longestSeen() {
        double longest = 0;
        for (double norm : batch.batch().scoreNorms(MOST_SCORES)) {
            longest = Math.max(longest, norm);
        }
        return longest;
    }

    /** Of any state, if states can be listed. */
    OptionalDouble greatestEntropy() {
        return table.map(known -> OptionalDouble.of(known.greatestEntropy())).orElseGet(OptionalDouble::empty);
    }

    /** Whether a number may bound the scores in a state: of a Gaussian, squashed or not, none does. */
    boolean mayHaveBoundedScores() {
        ActionDistribution distribution = batch.batch().policy().distribution();
        return !(distribution instanceof Gaussian || distribution instanceof SquashedGaussian);
    }

    /** What is not known, in words; empty if all is. */
    List<String> assumptions() {
        List<String> assumptions = new ArrayList<>();
        if (rewards.assurance() != BoundAssurance.KNOWN) {
            assumptions.add("no reward lies outside of [" + ReportText.down(rewards.least()) + ", "
                    + ReportText.up(rewards.most()) + "], where those seen lie");
        }
        if (table.isEmpty()) {
            assumptions.add(
                    mayHaveBoundedScores()
                            ? "no step has greater derivatives of log pi than those seen"
                            : "derivatives of log pi, which have no bound, are as good as within those seen");
        }
        if (table.isPresent() && everywhere.isEmpty()) {
            assumptions.add("second derivatives of log pi are within the square of the longest score");
        }
        return assumptions;
    }
}
