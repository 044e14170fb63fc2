/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.stream.IntStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.record.RecordContents;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Planner;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * Does a person see a doctor this year? Logistic regression on a split of {@link RandHie}, trained so that it can be
 * unlearned: features of norm 1 at most, a normaliser that is a public constant, and a step size that its curvature allows.
 *
 * @param split which rows are learned from
 * @param run how
 * @param guarantee what certificates rest on: G = X = 1 and L = X²/4 of a logistic head, proved
 */
public record VisitModel(RandHieSplit split, RewindToDelete run, Guarantee guarantee) {

    /** The question: so many visits or more. */
    public static final int LEAST_VISITS = 1;

    /** N0, a power of two above the number of training rows of every split. */
    public static final double NORMALISER = 16_384;

    /** ln 2, the logistic loss of any record at θ = 0, rounded up. */
    private static final double LOSS_AT_ZERO = Math.nextUp(Math.nextUp(Math.log(2)));

    /** T of {@link #fullBatch}. */
    public static final int STEPS = 400;

    /** X²/4. */
    private static final double LIPSCHITZ = RandHie.RADIUS * RandHie.RADIUS / 4;

    /**
     * Full-batch gradient descent, 400 steps of 1/(L + λ).
     *
     * @param weightDecay λ, on every parameter; 0 gives a convex problem, more a strongly convex one
     * @param checkpoints when checkpoints are kept, besides start and end
     */
    public static VisitModel fullBatch(RandHieSplit split, double weightDecay, CheckpointSchedule checkpoints) {
        HeadObjective objective =
                split.objective(LEAST_VISITS).withNormaliser(NORMALISER).withWeightDecay(weightDecay);
        Recipe recipe = Recipe.fullBatch(STEPS, 1 / (LIPSCHITZ + weightDecay)).withCheckpoints(checkpoints);
        return of(split, new RewindToDelete(objective, recipe));
    }

    private static VisitModel of(RandHieSplit split, RewindToDelete run) {
        LossCurvature curvature =
                run.objective().weightDecay() > 0 ? LossCurvature.STRONGLY_CONVEX : LossCurvature.CONVEX;
        HeadObjective head = (HeadObjective) run.objective();
        LossBounds bounds = new LinearHead.Logistic().bounds(RandHie.RADIUS).withCurvature(curvature);
        RoundingModel rounding = new RoundingModel.Head(
                head.summation(), bounds.gradientBound().value(), RandHie.RADIUS, head.inputs(), head.outputs());
        return new VisitModel(split, run, Guarantee.of(run, bounds, rounding, 0).withLossAtZero(LOSS_AT_ZERO));
    }

    /** θ₀ = 0. */
    public double[] start() {
        return new double[run.objective().dimension()];
    }

    /** The visits as bytes, to be committed to. */
    public RecordContents contents(long[] subjects) {
        return ((HeadObjective) run.objective()).contents(subjects);
    }

    /** T. */
    public int steps() {
        return run.recipe().steps();
    }

    /** The same training with other checkpoints. */
    VisitModel withCheckpoints(CheckpointSchedule checkpoints) {
        return of(split, new RewindToDelete(run.objective(), run.recipe().withCheckpoints(checkpoints)));
    }

    /**
     * How some records can be forgotten after a training that nothing was deleted from yet.
     *
     * @param secondsPerGradient measured, of one record; NaN if it was not
     */
    public UnlearningPlan plan(RecordIds deleted, ReleasePolicy policy, double secondsPerGradient) {
        ContaminationLedger ledger = guarantee.ledger();
        run.note(
                ledger,
                IntStream.rangeClosed(0, steps())
                        .filter(step -> step == 0 || run.recipe().isKept(step))
                        .boxed()
                        .toList());
        ledger.delete(deleted);
        return new Planner(run, guarantee, policy, secondsPerGradient).plan(ledger);
    }
}
