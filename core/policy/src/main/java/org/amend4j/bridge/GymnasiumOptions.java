/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.validation.Checks;

/**
 * How a {@link GymnasiumProcess} is started.
 *
 * @param python the command of a Python 3 that has Gymnasium, and its arguments: the one on the path, or one of a virtual
 *     environment
 * @param timeOut for every answer, the first one with all imports included; positive
 * @param workers processes among which {@link GymnasiumEnvironments} divides rows, to step them at the same time; at least 1, and none is
 *     without a row. What rows do does not depend on it
 * @param arguments keyword arguments of {@code gymnasium.make}, such as {@code is_slippery}: numbers, texts, booleans
 */
@RecordBuilder
public record GymnasiumOptions(List<String> python, Duration timeOut, int workers, Map<String, Object> arguments)
        implements GymnasiumOptionsBuilder.With {

    /** {@code python3} on the path, a minute, one process, no arguments. */
    public static final GymnasiumOptions STANDARD =
            new GymnasiumOptions(List.of("python3"), Duration.ofMinutes(1), 1, Map.of());

    public GymnasiumOptions {
        Checks.present("python", python);
        Checks.present("timeOut", timeOut);
        Checks.atLeast(1, "workers", workers);
        Checks.present("arguments", arguments);
        python = List.copyOf(python);
        arguments = Map.copyOf(arguments);
        Checks.atLeast(1, "words of the python command", python.size());
        if (timeOut.isNegative() || timeOut.isZero()) {
            throw new IllegalArgumentException("timeOut must be > 0, got " + timeOut);
        }
    }

    public GymnasiumOptions withPython(String... command) {
        return withPython(List.of(command));
    }
}
