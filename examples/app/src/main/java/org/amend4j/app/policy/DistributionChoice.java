/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.Space;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.SquashedGaussian;

/** The distribution of a new policy's actions, where there is a choice, as for boxes. */
public enum DistributionChoice {
    /** Actions are not bounded; the environment gets the nearest one of its box. */
    GAUSSIAN,
    /** Actions never leave the box. */
    SQUASHED_GAUSSIAN;

    /**
     * The choice of a name on the command line.
     *
     * @throws BadInputException if there is none of this name
     */
    public static DistributionChoice named(String name) {
        return Arrays.stream(values())
                .filter(choice -> choice.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadInputException(
                        "--distribution must be " + GAUSSIAN + " or " + SQUASHED_GAUSSIAN + ", got '" + name + "'"));
    }

    /**
     * What is chosen, or usual for the space.
     *
     * @throws BadInputException if nothing is chosen for such actions
     */
    static ActionDistribution of(Optional<DistributionChoice> choice, Space actions) {
        if (choice.isPresent() && !(actions instanceof Space.Box)) {
            throw new BadInputException("--distribution is for boxes of actions, and these are " + actions
                    + ", whose distribution is categorical: leave it out");
        }
        if (choice.equals(Optional.of(SQUASHED_GAUSSIAN))) {
            try {
                return SquashedGaussian.of(actions);
            } catch (IllegalArgumentException bad) {
                throw new BadInputException("--distribution " + SQUASHED_GAUSSIAN + ": " + bad.getMessage(), bad);
            }
        }
        return ActionDistribution.of(actions);
    }

    /** For a run's words, whatever the command line calls it; nothing for what is usual. */
    static String words(Optional<DistributionChoice> choice) {
        return choice.equals(Optional.of(SQUASHED_GAUSSIAN)) ? ", squashed-gaussian" : "";
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
