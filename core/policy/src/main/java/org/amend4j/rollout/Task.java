/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;

/**
 * The task to be learned. It keeps track of the environments made for it: closing it closes those left open.
 *
 * @param name of the environment; runs on environments of different names are different runs
 * @param environments makes a given number of them, sharing nothing with those made before
 * @param timeLimit steps after which it cuts episodes off, if it is known to do so
 */
public record Task(String name, IntFunction<? extends EnvironmentBatch> environments, OptionalInt timeLimit)
        implements AutoCloseable {

    public Task {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an environment must have a name, got '" + name + "'");
        }
        environments = OpenBatches.of(environments);
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
