/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.OptionalInt;
import java.util.function.Supplier;

/** Makes the environments of an {@link EnvironmentSpec}, with a time limit or without. */
@FunctionalInterface
public interface EnvironmentMaker {

    /**
     * Environments that share nothing with those made before. Whoever opens them closes them.
     *
     * @param rows at least 1
     * @param timeLimit steps after which episodes are truncated; none if empty
     */
    EnvironmentBatch open(int rows, OptionalInt timeLimit);

    /** Of one environment. */
    default Space observationSpace() {
        try (EnvironmentBatch one = open(1, OptionalInt.empty())) {
            return one.observationSpace();
        }
    }

    /** Of one environment. */
    default Space actionSpace() {
        try (EnvironmentBatch one = open(1, OptionalInt.empty())) {
            return one.actionSpace();
        }
    }

    /** One environment; closing it closes all that was opened for it. */
    default Environment create(OptionalInt timeLimit) {
        return open(1, timeLimit).row(0);
    }

    /**
     * Of environments in this process.
     *
     * @param unlimited makes one without a time limit; each must be another object
     */
    static EnvironmentMaker of(Supplier<? extends Environment> unlimited) {
        return new EnvironmentMaker() {
            @Override
            public EnvironmentBatch open(int rows, OptionalInt timeLimit) {
                return EnvironmentBatch.of(rows, () -> create(timeLimit));
            }

            @Override
            public Environment create(OptionalInt timeLimit) {
                Environment environment = unlimited.get();
                return timeLimit.isPresent() ? new TimeLimit(environment, timeLimit.getAsInt()) : environment;
            }
        };
    }
}
