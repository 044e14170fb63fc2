/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Optional;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.internal.validation.Checks;

/**
 * How a model is trained, apart from its objective. Every part is fixed before the data is looked at.
 *
 * @param steps T, >= 1
 * @param stepSizes η_t
 * @param batches which records a step uses
 * @param balls where parameters are kept after every step; they do not overlap
 * @param checkpoints when checkpoints are kept, besides the start and the end
 * @param noise noise added during training, after which the exact parameters no longer exist; empty if noise is added at release
 */
@RecordBuilder
public record Recipe(
        int steps,
        StepSizes stepSizes,
        BatchSchedule batches,
        List<ParameterBall> balls,
        CheckpointSchedule checkpoints,
        Optional<CheckpointNoise> noise)
        implements RecipeBuilder.With {

    /** @throws IllegalArgumentException if the number of steps is out of its range */
    public Recipe {
        Checks.present("stepSizes", stepSizes);
        Checks.present("batches", batches);
        Checks.present("balls", balls);
        Checks.present("checkpoints", checkpoints);
        Checks.present("noise", noise);
        Checks.atLeast(1, "the number of steps", steps);
        balls = List.copyOf(balls);
        noise.ifPresent(at -> Checks.inRange(1, steps, "the step of the noise", at.step()));
        boolean plain = steps == 1 && batches instanceof WholeSet && balls.isEmpty() && noise.isEmpty();
        if (stepSizes instanceof StepSizes.UntilGradient && !plain) {
            throw new IllegalArgumentException(
                    "a run until the gradient is small must be one step on all records, without balls and"
                            + " without noise on the way, got " + steps + " steps, " + batches.description() + ", "
                            + balls.size() + " balls" + (noise.isPresent() ? " and noise" : ""));
        }
    }

    /** Full-batch gradient descent with one step size, without projection, with checkpoints at both ends only. */
    public static Recipe fullBatch(int steps, double stepSize) {
        return new Recipe(
                steps,
                new StepSizes.Constant(stepSize),
                new WholeSet(),
                List.of(),
                CheckpointSchedule.lastOnly(),
                Optional.empty());
    }

    /** Newton steps until the gradient of the loss on all records has at most a norm; they count as one step. */
    public static Recipe untilGradient(double norm) {
        return new Recipe(
                1,
                new StepSizes.UntilGradient(norm),
                new WholeSet(),
                List.of(),
                CheckpointSchedule.lastOnly(),
                Optional.empty());
    }

    /** Whether the run ends where the gradient is small, and not after a number of steps. */
    public boolean isUntilGradient() {
        return stepSizes instanceof StepSizes.UntilGradient;
    }

    /** With noise on the way. */
    public Recipe withNoise(CheckpointNoise onTheWay) {
        return withNoise(Optional.of(onTheWay));
    }

    /** Whether a checkpoint is kept after so many steps. */
    public boolean isKept(int step) {
        return step == steps || checkpoints.dueAfter(step) || isNoisyAfter(step);
    }

    /** Whether noise is added after so many steps. */
    boolean isNoisyAfter(int step) {
        return noise.isPresent() && noise.get().step() == step;
    }

    /** How many steps, from the first, a deletion's bound is about: those before the noise. */
    public int boundedSteps() {
        return noise.map(CheckpointNoise::step).orElse(steps);
    }

    void projectInPlace(double[] theta) {
        balls.forEach(ball -> ball.project(theta));
    }
}
