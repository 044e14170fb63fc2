package org.amend4j.environment;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * One environment by name, as {@link Environments} knows it.
 *
 * @param id name and options; {@link Environments#of(String)} of it is this again
 * @param timeLimit steps after which episodes are truncated
 * @param rewardThreshold the mean return of 100 evaluation episodes that counts as solved, where one is registered and can
 *     be reached
 * @param randomReturn mean undiscounted return of uniformly random actions within the time limit: exact for finite
 *     processes, else measured by running Gymnasium (standard error below 1 %); unknown for changed parameters, and
 *     where there is no time limit or no uniform action
 * @param unlimited makes the environment without the time limit
 * @param finite makes it with its tables, also without the time limit, where it has tables
 */
public record EnvironmentSpec(
        String id,
        OptionalInt timeLimit,
        OptionalDouble rewardThreshold,
        OptionalDouble randomReturn,
        Supplier<? extends Environment> unlimited,
        Optional<Supplier<TabularEnvironment>> finite) {

    /** A new environment, with the time limit. */
    public Environment create() {
        Environment environment = unlimited.get();
        return timeLimit.isPresent() ? new TimeLimit(environment, timeLimit.getAsInt()) : environment;
    }
}
