/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.names;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.internal.text.EmptyMatches;

/** Takes an expression that Java has compiled apart, as far as it must be known how it matches nothing. */
final class ExpressionParts {

    /** A repetition, and how it goes about it. */
    private static final Pattern REPETITION = Pattern.compile("(?:[*+?]|\\{([0-9]+)(?:,[0-9]*)?})[?+]?");

    private static final Pattern GROUP =
            Pattern.compile("\\((?:\\?(?:[idmsuU-]*[:)]|>|<?[=!]|<[a-zA-Z][a-zA-Z0-9]*>))?");

    /** With what belongs to it; places between characters, and what another group matched, can be empty. */
    private static final Pattern ESCAPE =
            Pattern.compile("\\\\(?:[pPx]\\{[^}]*}|[bBAGzZ0-9](?:\\{g})?|[^QENXRckx]|x[0-9a-fA-F]{2})");

    /** Of single characters, escapes and ranges. */
    private static final Pattern CLASS =
            Pattern.compile("\\[\\^?(?:[^\\[\\]\\\\&]|\\\\(?:[pP]\\{[^}]*}|[^QENXRckpPx0-9]))++]");

    private static final String PLACES = "bBAGzZ0123456789";

    private final String text;
    private final EmptyMatches parts = new EmptyMatches();
    private int at;
    private int open;
    private boolean repeatable;

    private ExpressionParts(String text) {
        this.text = text;
    }

    /** What the expression must not have and has. */
    static Optional<String> objection(String text) {
        return new ExpressionParts(text).objection();
    }

    private Optional<String> objection() {
        while (at < text.length()) {
            boolean understood = switch (text.charAt(at)) {
                case '(' -> group();
                case ')' -> close();
                case '[' -> part(CLASS, false);
                case '\\' -> part(ESCAPE, at + 1 < text.length() && PLACES.indexOf(text.charAt(at + 1)) >= 0);
                case '*', '+', '?', '{' -> repetition();
                case '|' -> alternative();
                default -> character();
            };
            if (!understood) {
                return Optional.of("'" + text.substring(at, Math.min(at + 4, text.length())) + "' at this place");
            }
        }
        return open == 0 ? parts.objection() : Optional.of("a group that is not closed");
    }

    private Optional<Matcher> next(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        boolean here = matcher.lookingAt();
        at = here ? matcher.end() : at;
        return here ? Optional.of(matcher) : Optional.empty();
    }

    private boolean part(Pattern pattern, boolean canBeEmpty) {
        repeatable = true;
        parts.item(canBeEmpty);
        return next(pattern).isPresent();
    }

    private boolean character() {
        char c = text.charAt(at++);
        repeatable = true;
        parts.item(c == '^' || c == '$');
        return true;
    }

    private boolean alternative() {
        at++;
        repeatable = false;
        parts.alternative();
        return true;
    }

    private boolean group() {
        Optional<Matcher> group = next(GROUP);
        repeatable = false;
        if (group.isPresent() && !group.get().group().matches("\\(\\?[a-zA-Z-]*\\)")) {
            open++;
            parts.open(group.get().group().matches("\\(\\?<?[=!]"));
        }
        return group.isPresent();
    }

    private boolean close() {
        at++;
        repeatable = true;
        if (--open < 0) {
            return false;
        }
        parts.close();
        return true;
    }

    private boolean repetition() {
        Optional<Matcher> repetition = repeatable ? next(REPETITION) : Optional.empty();
        repeatable = false;
        repetition.ifPresent(how -> {
            boolean counted = how.group(1) != null;
            boolean atLeastOne =
                    counted ? !how.group(1).matches("0+") : how.group().charAt(0) == '+';
            parts.repeat(atLeastOne ? 1 : 0, counted);
        });
        return repetition.isPresent();
    }
}
