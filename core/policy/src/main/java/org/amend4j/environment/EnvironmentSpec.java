/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * One environment by name, as {@link Environments} knows it, or another source of environments.
 *
 * @param id name and options, {@code name?key=value&key=value}; {@link Environments#of(String)} of it is this again, if it
 *     is one of the library's
 * @param timeLimit steps after which episodes are truncated
 * @param rewardThreshold the mean return of 100 evaluation episodes that counts as solved, where one is registered and can
 *     be reached
 * @param randomReturn mean undiscounted return of uniformly random actions within the time limit: exact for finite
 *     processes, else measured by running Gymnasium (standard error below 1 %); unknown for changed parameters, and
 *     where there is no time limit or no uniform action
 * @param maker makes the environments
 * @param finite makes it with its tables, also without the time limit, where it has tables
 */
public record EnvironmentSpec(
        String id,
        OptionalInt timeLimit,
        OptionalDouble rewardThreshold,
        OptionalDouble randomReturn,
        EnvironmentMaker maker,
        Optional<Supplier<TabularEnvironment>> finite) {

    public Space observationSpace() {
        return maker.observationSpace();
    }

    public Space actionSpace() {
        return maker.actionSpace();
    }

    /** A new environment, with the time limit; to be closed. */
    public Environment create() {
        return maker.create(timeLimit);
    }

    /** Environments side by side, with the time limit; to be closed. */
    public EnvironmentBatch open(int rows) {
        return maker.open(rows, timeLimit);
    }

    /** The same with another time limit, or none: its id says so. What is registered is for the registered limit. */
    public EnvironmentSpec withTimeLimit(OptionalInt other) {
        return other.equals(timeLimit)
                ? this
                : new EnvironmentSpec(
                        NamedOptions.withLimit(id, other),
                        other,
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        maker,
                        finite);
    }
}
