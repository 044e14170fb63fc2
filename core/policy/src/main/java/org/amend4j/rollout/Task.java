/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.amend4j.internal.validation.Checks;

/**
 * The task to be learned. It keeps track of the environments made for it: closing it closes those left open.
 *
 * @param name of the environment; runs on environments of different names are different runs
 * @param environments makes a given number of them, sharing nothing with those made before
 * @param timeLimit steps after which it cuts episodes off, if it is known to do so
 * @param batchSize most episodes, environments or walks that are played together; all, if empty
 * @param rollouts where they are played
 */
public record Task(
        String name,
        IntFunction<? extends EnvironmentBatch> environments,
        OptionalInt timeLimit,
        OptionalInt batchSize,
        Rollouts rollouts)
        implements AutoCloseable {

    public Task {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an environment must have a name, got '" + name + "'");
        }
        batchSize.ifPresent(size -> Checks.atLeast(1, "size of a batch", size));
        environments = OpenBatches.of(environments);
    }

    /** Played in this process, all together. */
    public Task(String name, IntFunction<? extends EnvironmentBatch> environments, OptionalInt timeLimit) {
        this(name, environments, timeLimit, OptionalInt.empty(), Rollouts.HERE);
    }

    /**
     * The same in numbered batches, each with random numbers of its own: episodes, environments of a vector, or walks, at most so many
     * together. Which batch draws which numbers depends on its number alone, so that batches can be {@linkplain #playedBy played}
     * anywhere. A run in batches is another run than one without; closing one task closes the environments of both.
     *
     * @param size at least 1; the last batch may be smaller
     */
    public Task inBatchesOf(int size) {
        return new Task(name, environments, timeLimit, OptionalInt.of(size), rollouts);
    }

    /** The same, played somewhere else, with the same bits; closing one task closes the environments of both. */
    public Task playedBy(Rollouts others) {
        return new Task(name, environments, timeLimit, batchSize, others);
    }

    /** How so many are divided. */
    Batches batches(int count) {
        return new Batches(count, Math.min(count, batchSize.orElse(count)));
    }

    /** The name, and the batches if there are any: all that a run's bits depend on. */
    public String identity() {
        return batchSize.isPresent() ? name + " in batches of " + batchSize.getAsInt() : name;
    }

    /** Closes all environments that were made for it and are still open; it can be used again. */
    @Override
    public void close() {
        ((OpenBatches) environments).close();
    }

    /**
     * Of environments in this process.
     *
     * @param environment makes one, sharing nothing with those made before
     */
    public static Task of(String name, Supplier<? extends Environment> environment) {
        return new Task(name, rows -> EnvironmentBatch.of(rows, environment), OptionalInt.empty());
    }

    /** Of an environment of the library, with its time limit. */
    public static Task of(EnvironmentSpec spec) {
        return new Task(spec.id(), spec::open, spec.timeLimit());
    }

    /** Of an environment of the library by name, as {@link Environments#of(String)} knows it. */
    public static Task of(String id) {
        return of(Environments.of(id));
    }
}
