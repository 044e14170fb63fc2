/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.internal.validation.Checks;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.StepSizes;
import org.amend4j.unlearn.WholeSet;

/**
 * How a model was trained elsewhere: by plain gradient descent, {@code θ ← θ - η_t·(Σ_{r∈S_t} ∇loss_r(θ)/divisor + λθ)}. On
 * the disk it is {@link RecipeFile}.
 *
 * @param steps T, >= 1
 * @param stepSizes η_t
 * @param batches S_t as row numbers; empty: all records at every step
 * @param divisor what sums over records are divided by; empty: the number of records of a step
 * @param weightDecay λ, >= 0, of every trained parameter, biases too
 * @param start θ₀
 * @param checkpoints files of Deeplearning4j networks by step
 */
public record RecordedRecipe(
        int steps,
        StepSizes stepSizes,
        Optional<RecordedBatches> batches,
        OptionalDouble divisor,
        double weightDecay,
        Start start,
        NavigableMap<Integer, Path> checkpoints) {

    /** Where training began. */
    public sealed interface Start {

        /** A network on the disk. */
        record File(Path file) implements Start {}

        /** What the network's {@code init()} makes after {@code Nd4j.getRandom().setSeed(seed)}. */
        record Seed(long seed) implements Start {}

        /** The start is not known. */
        record Unknown() implements Start {}
    }

    /** @throws IllegalArgumentException if a part is out of its range, or parts do not fit together */
    public RecordedRecipe {
        Checks.atLeast(1, "steps", steps);
        if (stepSizes instanceof StepSizes.Listed listed && listed.sizes().size() != steps) {
            throw new IllegalArgumentException("stepSizes must be one number or one for each of the " + steps
                    + " steps, got " + listed.sizes().size());
        }
        if (batches.isPresent() && batches.get().batches().size() != steps) {
            throw new IllegalArgumentException("batches must be one for each of the " + steps + " steps, got "
                    + batches.get().batches().size());
        }
        divisor.ifPresent(by -> Checks.positive("divisor", by));
        Checks.notNegative("weightDecay", weightDecay);
        Objects.requireNonNull(start, "start");
        checkpoints = Collections.unmodifiableNavigableMap(new TreeMap<>(checkpoints));
        for (int step : checkpoints.keySet()) {
            Checks.inRange(0, steps, "the step of a checkpoint", step);
        }
    }

    /** S_t. */
    public BatchSchedule schedule() {
        return batches.<BatchSchedule>map(recorded -> recorded).orElseGet(WholeSet::new);
    }

    /** What sums over the records of a step are divided by, in a table of so many. */
    public double divisor(int records) {
        return divisor.orElse(batches.map(RecordedBatches::size).orElse(records));
    }

    /**
     * As a run's.
     *
     * @param balls onto which the replay projects; training that never left them was not changed by that
     */
    public Recipe recipe(List<ParameterBall> balls, CheckpointSchedule kept) {
        return new Recipe(steps, stepSizes, schedule(), balls, kept, Optional.empty());
    }
}
