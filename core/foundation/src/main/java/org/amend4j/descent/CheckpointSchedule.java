/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.internal.validation.Checks;

/** After which steps a run keeps a checkpoint, besides the start and the last step, which it always keeps. */
public sealed interface CheckpointSchedule {

    /**
     * Whether a checkpoint is due.
     *
     * @param step number of steps made, >= 1
     */
    boolean dueAfter(int step);

    /** After steps k, 2k, 3k, ... */
    static CheckpointSchedule every(int k) {
        return new Every(k);
    }

    /** After the first step and then ever more rarely: the least whole numbers at or above 1, f, f², ... */
    static CheckpointSchedule geometric(double factor) {
        return new Geometric(factor);
    }

    /** After these steps. */
    static CheckpointSchedule at(int... steps) {
        return new Chosen(new TreeSet<>(Arrays.stream(steps).boxed().toList()));
    }

    /** After the last step only. */
    static CheckpointSchedule lastOnly() {
        return new Chosen(Set.of());
    }

    /**
     * After steps k, 2k, 3k, ...
     *
     * @param k >= 1
     */
    record Every(int k) implements CheckpointSchedule {

        /** @throws IllegalArgumentException if k is out of its range */
        public Every {
            Checks.atLeast(1, "the distance of checkpoints", k);
        }

        @Override
        public boolean dueAfter(int step) {
            return step % k == 0;
        }
    }

    /**
     * After the least whole numbers at or above 1, f, f², ...
     *
     * @param factor f, > 1
     */
    record Geometric(double factor) implements CheckpointSchedule {

        /** @throws IllegalArgumentException if the factor is out of its range */
        public Geometric {
            if (!(factor > 1) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException(
                        "the factor of geometric checkpoints must be > 1 and finite, got " + factor);
            }
        }

        @Override
        public boolean dueAfter(int step) {
            // strict functions: the schedule is the same on every machine
            double power = Math.floor(StrictMath.log(step) / StrictMath.log(factor));
            // the quotient may have been rounded over a whole number, either way
            return isFirstAtOrAbove(step, power)
                    || isFirstAtOrAbove(step, power + 1)
                    || isFirstAtOrAbove(step, power - 1);
        }

        private boolean isFirstAtOrAbove(int step, double power) {
            double mark = StrictMath.pow(factor, power);
            return step - 1 < mark && mark <= step;
        }
    }

    /**
     * After chosen steps.
     *
     * @param steps each >= 1
     */
    record Chosen(Set<Integer> steps) implements CheckpointSchedule {

        /** @throws IllegalArgumentException if a step is out of its range */
        public Chosen {
            steps = Set.copyOf(steps);
            steps.forEach(step -> Checks.atLeast(1, "the step of a checkpoint", step));
        }

        @Override
        public boolean dueAfter(int step) {
            return steps.contains(step);
        }
    }
}
