package org.amend4j.rollout;

import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;

/**
 * What is to be learned.
 *
 * @param name of the environment; runs on environments of different names are different runs
 * @param environments makes so many, sharing nothing with those made before
 */
public record Task(String name, IntFunction<? extends EnvironmentBatch> environments) {

    public Task {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an environment must have a name, got '" + name + "'");
        }
    }

    /**
     * Of environments in this process.
     *
     * @param environment makes one, sharing nothing with those made before
     */
    public static Task of(String name, Supplier<? extends Environment> environment) {
        return new Task(name, rows -> EnvironmentBatch.of(rows, environment));
    }
}
