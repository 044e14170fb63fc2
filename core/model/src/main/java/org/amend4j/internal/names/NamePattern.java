/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.names;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.amend4j.internal.text.Shown;
import org.amend4j.internal.validation.Checks;

/**
 * A regular expression over layer names that cannot hang: its text is short, its nesting shallow, and a match that reads
 * too many characters is given up with an error.
 */
public final class NamePattern {
    /** Longest accepted pattern; together with {@link #MOST_GROUPS} it keeps the compiler's recursion shallow. */
    public static final int LONGEST = 2_000;

    /** Most groups of an accepted pattern. */
    public static final int MOST_GROUPS = 100;
    /** Characters one match may read; a pattern without nested repetition reads a name a few times. */
    static final int READ_BUDGET = 1_000_000;

    private final String text;
    private final Pattern pattern;

    private NamePattern(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /** A pattern that must match the whole name. */
    public static NamePattern whole(String what, String text) {
        return new NamePattern(text, compile(what, text, text));
    }

    /** A key of a rank or alpha pattern: {@code (.*\.)?(KEY)} must match the whole name. */
    public static NamePattern suffix(String what, String text) {
        compile(what, text, text);
        return new NamePattern(text, compile(what, text, "(.*\\.)?(" + text + ")"));
    }

    /**
     * A key of a pattern from somebody else's file: as {@link #suffix}, but without counted or nested repetition, look-around
     * and back-references, so that the budget of a match bounds all its work.
     */
    public static NamePattern untrusted(String what, String text) {
        if (!isSimple(text)) {
            throw new IllegalArgumentException("the pattern " + Shown.quoted(text) + " of " + what
                    + " must be a simple one: characters that stand for themselves, . ^ $ |, \\d \\w \\., [a-z], groups, and * + ?"
                    + " after a single character");
        }
        return suffix(what, text);
    }

    /** Whether every repetition follows a single character and nothing but the listed constructs is used. */
    private static boolean isSimple(String text) {
        boolean repeatable = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                if (i == text.length() || "dw.$^|?*+()[]{}\\".indexOf(text.charAt(i)) < 0) {
                    return false;
                }
                repeatable = true;
            } else if (c == '[') {
                i = endOfSet(text, i);
                if (i < 0) {
                    return false;
                }
                repeatable = true;
            } else if ("*+?".indexOf(c) >= 0) {
                if (!repeatable) {
                    return false;
                }
                repeatable = false;
            } else if ("()|".indexOf(c) >= 0 || (c == '^' && i == 0) || (c == '$' && i == text.length() - 1)) {
                repeatable = false;
            } else if ("^$]{}".indexOf(c) >= 0) {
                return false;
            } else { // stands for itself, or is a dot
                repeatable = true;
            }
        }
        return true;
    }

    /** Where a set of single characters, such as {@code [a-z_]} or {@code [^.]}, ends; negative if it is another one. */
    private static int endOfSet(String text, int start) {
        int first = text.startsWith("[^", start) ? start + 2 : start + 1;
        int end = first;
        while (end < text.length()
                && (Character.isLetterOrDigit(text.charAt(end)) || "_.-".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end > first && end < text.length() && text.charAt(end) == ']' ? end : -1;
    }

    /** A regular expression, for Java and for Python, that matches this name and no other. */
    public static String exactly(String name) {
        return "^" + name.replaceAll("[\\\\.^$|?*+()\\[\\]{}]", "\\\\$0");
    }

    /** Names that an entry stands for: those equal to it and those that end in a dot and it. */
    public static Predicate<String> anyOf(List<String> entries) {
        return name -> entries.stream().anyMatch(entry -> name.equals(entry) || name.endsWith("." + entry));
    }

    /** Requires that every entry stands for at least one of the names; {@code what} begins the refusal. */
    public static void requireEachMatches(String what, List<String> entries, List<String> names) {
        for (String entry : entries) {
            if (names.stream().noneMatch(anyOf(List.of(entry)))) {
                throw noMatch(what, entry, names);
            }
        }
    }

    /** The refusal of an entry or a pattern that stands for nothing. */
    public static IllegalArgumentException noMatch(String what, String entry, List<String> names) {
        return new IllegalArgumentException(
                what + " " + Shown.quoted(entry) + " matches no layer; candidates: " + Checks.listed(names));
    }

    public boolean matches(String name) {
        return pattern.matcher(new Budgeted(name, 0, name.length(), new AtomicInteger(READ_BUDGET), text))
                .matches();
    }

    private static Pattern compile(String what, String text, String expression) {
        Checks.name("the pattern of " + what, text);
        if (text.length() > LONGEST || text.chars().filter(c -> c == '(').count() > MOST_GROUPS) {
            throw new IllegalArgumentException("a pattern of " + what + " must have at most " + LONGEST
                    + " characters and " + MOST_GROUPS + " groups, got " + text.length() + " characters");
        }
        Pattern compiled;
        try {
            compiled = Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the pattern " + Shown.quoted(text) + " of " + what + " is not a regular expression: "
                            + e.getDescription(),
                    e);
        }
        ExpressionParts.objection(text).ifPresent(objection -> {
            throw new IllegalArgumentException(
                    "the pattern " + Shown.quoted(text) + " of " + what + " must not have " + objection);
        });
        return compiled;
    }

    /** A name that counts how often it is read. */
    private record Budgeted(String name, int from, int to, AtomicInteger budget, String pattern)
            implements CharSequence {
        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            if (budget.getAndDecrement() <= 0) {
                throw new IllegalArgumentException("the pattern " + Shown.quoted(pattern) + " reads more than "
                        + READ_BUDGET + " characters to match " + Shown.quoted(name));
            }
            return name.charAt(from + index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Budgeted(name, from + start, from + end, budget, pattern);
        }

        @Override
        public String toString() {
            return name.substring(from, to);
        }
    }
}
