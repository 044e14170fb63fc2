/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Optional;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepSizes;

/** The run that settings ask for: a number of steps, or as many as it takes to a small gradient. */
final class LearningRun {

    private LearningRun() {}

    /**
     * Of a problem.
     *
     * @throws IllegalArgumentException if a small gradient is asked for, and proves nothing
     */
    static RewindToDelete of(
            ForgettingSettings.Training training,
            ProvableProblem problem,
            BatchSchedule batches,
            CheckpointSchedule checkpoints) {
        if (training.isUntilGradient()) {
            return untilGradient(training, problem);
        }
        Recipe recipe = new Recipe(
                training.steps(),
                new StepSizes.Constant(training.stepSize()),
                batches,
                problem.balls(),
                checkpoints,
                Optional.empty());
        return new RewindToDelete(problem.objective(), recipe, convergence(problem));
    }

    private static RewindToDelete untilGradient(ForgettingSettings.Training training, ProvableProblem problem) {
        problem.convergenceRefusal().ifPresent(why -> {
            throw new IllegalArgumentException("--until-gradient: " + why);
        });
        ConvergenceBound bound = problem.convergence();
        ConvergenceBound asked = training.gradientNorm().isPresent()
                ? bound.withGradientNorm(training.gradientNorm().getAsDouble())
                : bound;
        return new RewindToDelete(problem.objective(), Recipe.untilGradient(asked.gradientNorm()), Optional.of(asked));
    }

    /** What a small gradient proves; empty if it proves nothing, which {@link ProvableProblem#convergenceRefusal} explains. */
    static Optional<ConvergenceBound> convergence(ProvableProblem problem) {
        return problem.convergenceRefusal().isPresent() ? Optional.empty() : Optional.of(problem.convergence());
    }
}
