/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Arrays;
import org.amend4j.data.BadInputException;

/**
 * What an option says about something with a name: {@code NAME=VALUE}, where the name may hold further equals signs.
 *
 * @param option it was given with
 * @param name before the last equals sign, not empty
 * @param value behind it, not empty
 * @param rule of the value, for messages
 */
record NamedValue(String option, String name, String value, String rule) {

    /** @throws BadInputException if there is no equals sign, or nothing on one side of it */
    static NamedValue of(String option, String text, String rule) {
        int equals = text.lastIndexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new BadInputException(option + " must be NAME=VALUE with " + rule + " as value, got '" + text + "'");
        }
        return new NamedValue(option, text.substring(0, equals), text.substring(equals + 1), rule);
    }

    int integer() {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException bad) {
            throw refused(bad);
        }
    }

    /** Integers with commas between them. */
    int[] integers() {
        try {
            return Arrays.stream(value.split(",", -1))
                    .map(String::strip)
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException bad) {
            throw refused(bad);
        }
    }

    double number() {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException bad) {
            throw refused(bad);
        }
    }

    private BadInputException refused(NumberFormatException cause) {
        return new BadInputException(
                option + ": the value of '" + name + "' must be " + rule + ", got '" + value + "'", cause);
    }
}
