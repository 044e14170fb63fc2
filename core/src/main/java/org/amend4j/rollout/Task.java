package org.amend4j.rollout;

import java.util.function.Supplier;
import org.amend4j.environment.Environment;

/**
 * What is to be learned.
 *
 * @param name of the environment; runs on environments of different names are different runs
 * @param environment makes one more, sharing nothing with those before
 */
public record Task(String name, Supplier<? extends Environment> environment) {

    public Task {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an environment must have a name, got '" + name + "'");
        }
    }
}
