/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.List;
import java.util.Optional;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.unlearn.BatchSchedule;
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
            problem.convergenceRefusal().ifPresent(why -> {
                throw new IllegalArgumentException("--until-gradient: " + why);
            });
            return problem.runUntilGradient(training.gradientNorm());
        }
        return problem.run(new Recipe(
                training.steps(),
                new StepSizes.Constant(training.stepSize()),
                batches,
                List.of(),
                checkpoints,
                Optional.empty()));
    }
}
