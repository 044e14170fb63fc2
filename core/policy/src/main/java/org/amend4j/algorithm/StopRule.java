/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.OptionalDouble;
import org.amend4j.internal.validation.Checks;

/**
 * When training ends.
 *
 * @param mostSteps environment steps; the update that reaches them is the last
 * @param wanted mean return of the last {@code window} episodes at which it ends earlier
 * @param window number of episodes, at least 1
 */
@RecordBuilder
public record StopRule(long mostSteps, OptionalDouble wanted, int window) implements StopRuleBuilder.With {

    /** Episodes of {@link #window} unless told otherwise. */
    public static final int WINDOW = 100;

    public StopRule {
        Checks.present("wanted", wanted);
        if (mostSteps < 1) {
            throw new IllegalArgumentException("most steps must be >= 1, got " + mostSteps);
        }
        wanted.ifPresent(mean -> Checks.finite("wanted return", mean));
        Checks.atLeast(1, "window", window);
    }

    /** After so many steps. */
    public static StopRule steps(long most) {
        return new StopRule(most, OptionalDouble.empty(), WINDOW);
    }

    /** Also as soon as the last 100 episodes had a mean return. */
    public StopRule orReturn(double mean) {
        return new StopRule(mostSteps, OptionalDouble.of(mean), window);
    }
}
