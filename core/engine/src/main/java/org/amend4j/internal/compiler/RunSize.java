/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.validation.Checks;

/**
 * How much goes through a plan.
 *
 * @param examples how many
 * @param tokens of all of them, with rows that belong to none ({@link PlacedTokens#rows}); 0 if they have none
 */
record RunSize(int examples, int tokens) {

    RunSize {
        Checks.atLeast(0, "examples", examples);
        Checks.atLeast(0, "tokens", tokens);
    }

    /** How often something is there. */
    int of(RowUnit per) {
        return switch (per) {
            case RUN -> 1;
            case EXAMPLE -> examples;
            case TOKEN -> tokens;
        };
    }
}
