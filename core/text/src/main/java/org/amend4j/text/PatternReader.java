/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import org.amend4j.internal.text.Shown;

/** Reads what is to be matched: a text or a regular expression. */
final class PatternReader {

    private PatternReader() {}

    static Matches pattern(Fields fields) {
        Fields pattern = fields.object("pattern");
        String kind = pattern.onlyName();
        String text = pattern.text(kind);
        if (text.isEmpty()) {
            throw pattern.refused("must not be empty");
        }
        return switch (kind) {
            case "String" -> new Matches.Literal(text);
            case "Regex" -> expression(pattern, text);
            default -> throw pattern.refused("must be a String or a Regex, got " + Shown.quoted(kind));
        };
    }

    private static Matches expression(Fields place, String text) {
        try {
            return new Matches.Expression(Oniguruma.pattern(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place.place() + ": " + e.getMessage(), e);
        }
    }
}
