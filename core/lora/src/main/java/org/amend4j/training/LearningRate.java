/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The learning rate of every step.
 *
 * @param first of the first step
 * @param schedule of all, if they differ
 */
record LearningRate(double first, Optional<ISchedule> schedule) {

    public LearningRate {
        Checks.positive("the learning rate", first);
    }

    /** Always the same. */
    static LearningRate constant(double rate) {
        return new LearningRate(rate, Optional.empty());
    }

    /** Deeplearning4j's schedule, by iterations; its epoch stays the first, as it does where batches are fitted one by one. */
    static LearningRate of(ISchedule schedule) {
        return new LearningRate(schedule.valueAt(0, 0), Optional.of(schedule));
    }

    /** @param step from 0 */
    double at(int step) {
        return schedule.isPresent() ? schedule.get().valueAt(step, 0) : first;
    }
}
