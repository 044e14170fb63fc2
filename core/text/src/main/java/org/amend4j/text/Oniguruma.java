/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.amend4j.internal.text.EmptyMatches;
import org.amend4j.internal.text.Shown;

/**
 * Regular expressions as Oniguruma reads them, which Hugging Face uses, in Java's words. What means something else in Java, or what has
 * no bound in time, is refused.
 */
final class Oniguruma {

    private static final int LONGEST = 4_096;
    private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";
    /** Words, where they stand alone, have these, too. */
    private static final String SUPERSCRIPTS = "\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be";

    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co");
    private static final Set<String> SCRIPTS =
            Set.of("Han", "Hiragana", "Katakana", "Hangul", "Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Thai");
    private static final Set<String> GROUPS = Set.of("(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!");

    private final String source;
    private final StringBuilder translated = new StringBuilder();
    /** For each open group, and the whole, whether there is a repetition without an end in it. */
    private final Deque<Boolean> unbounded = new ArrayDeque<>();

    private final EmptyMatches empties = new EmptyMatches();

    private int at;
    /** Whether the last item was a group with such a repetition in it. */
    private boolean lastUnbounded;

    private boolean quantifiable;

    private Oniguruma(String source) {
        this.source = source;
    }

    /**
     * An expression for Java.
     *
     * @throws IllegalArgumentException with what is not understood
     */
    static Pattern pattern(String source) {
        if (source.length() > LONGEST) {
            throw new IllegalArgumentException("an expression must have at most " + LONGEST + " characters");
        }
        Oniguruma translation = new Oniguruma(source);
        translation.translate();
        try {
            return Pattern.compile(
                    translation.translated.toString(),
                    Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("an expression must be a regular one, got " + Shown.quoted(source), e);
        }
    }

    private void translate() {
        unbounded.push(false);
        while (at < source.length()) {
            int c = source.codePointAt(at);
            switch (c) {
                case '\\' -> item(escape(false));
                case '[' -> item(characterClass());
                case '(' -> open();
                case ')' -> close();
                case '*', '+', '?', '{' -> quantifier();
                case '|', '^', '$' -> {
                    at++;
                    translated.appendCodePoint(c);
                    quantifiable = false;
                    if (c == '|') {
                        empties.alternative();
                    } else {
                        empties.item(true);
                    }
                }
                case '.' -> {
                    at++;
                    item(".");
                }
                default -> {
                    at += Character.charCount(c);
                    item(literal(c));
                }
            }
        }
        if (unbounded.size() != 1) {
            throw refused("a group that is not closed");
        }
        empties.objection().ifPresent(objection -> {
            throw new IllegalArgumentException(
                    "an expression must have no " + objection + ", got " + Shown.quoted(source));
        });
    }

    private void item(String translation) {
        empties.item(false);
        part(translation);
    }

    private void part(String translation) {
        translated.append(translation);
        quantifiable = true;
        lastUnbounded = false;
    }

    private static String literal(int c) {
        return c < 0x80 && !Character.isLetterOrDigit(c)
                ? String.format(Locale.ROOT, "\\x%02x", c)
                : Character.toString(c);
    }

    private void open() {
        String start = GROUPS.stream()
                .filter(group -> source.startsWith(group, at))
                .findFirst()
                .orElse("");
        if (!start.isEmpty()) {
            translated.append(start);
        } else if (source.startsWith("(?i:", at)) {
            start = "(?i:";
            translated.append("(?iu:");
        } else if (source.startsWith("(?i)", at)) {
            at += 4;
            translated.append("(?iu)");
            quantifiable = false;
            return;
        } else if (source.startsWith("(?", at)) {
            throw refused(source.substring(at, Math.min(at + 4, source.length())));
        } else {
            start = "(";
            translated.append("(?:"); // nobody asks for groups
        }
        at += start.length();
        unbounded.push(false);
        empties.open(start.matches("\\(\\?<?[=!]"));
        quantifiable = false;
    }

    private void close() {
        if (unbounded.size() == 1) {
            throw refused("a group that is not opened");
        }
        at++;
        boolean within = unbounded.pop();
        empties.close();
        part(")");
        lastUnbounded = within;
        note(within);
    }

    private void note(boolean isUnbounded) {
        if (isUnbounded) {
            unbounded.pop();
            unbounded.push(true);
        }
    }

    private void quantifier() {
        if (!quantifiable) {
            throw refused("a repetition of nothing");
        }
        int begin = at;
        boolean counted = source.charAt(at) == '{';
        if (counted) {
            int end = source.indexOf('}', at);
            if (end < 0 || !source.substring(at, end + 1).matches("\\{[0-9]{1,3}(,[0-9]{0,3})?}")) {
                throw refused("{ that counts nothing");
            }
            at = end + 1;
        } else {
            at++;
        }
        boolean endless = counted ? source.charAt(at - 2) == ',' : source.charAt(begin) != '?';
        if (endless && lastUnbounded) {
            throw refused("a repetition without an end in another");
        }
        note(endless);
        empties.repeat(least(source.substring(begin, at)), counted);
        if (at < source.length() && "?+*{".indexOf(source.charAt(at)) >= 0) {
            if (counted || "?+".indexOf(source.charAt(at)) < 0) {
                throw refused("a repetition of a repetition");
            }
            at++;
        }
        translated.append(source, begin, at);
        quantifiable = false;
    }

    private static int least(String quantifier) {
        return switch (quantifier.charAt(0)) {
            case '*', '?' -> 0;
            case '+' -> 1;
            default -> Integer.parseInt(quantifier.split("[{,}]", -1)[1]);
        };
    }

    private String escape(boolean inClass) {
        if (at + 1 >= source.length()) {
            throw refused("a backslash at its end");
        }
        char c = source.charAt(at + 1);
        at += 2;
        return switch (c) {
            case 's', 'S', 'd', 'D', 'n', 'r', 't', 'f' -> "\\" + c;
            case 'v' -> "\\x0b";
            case 'w' -> inClass ? WORD : "[" + WORD + SUPERSCRIPTS + "]";
            case 'W' -> {
                if (inClass) {
                    throw refused("\\W in brackets");
                }
                yield "[^" + WORD + SUPERSCRIPTS + "]";
            }
            case 'p', 'P' -> property(c);
            case 'u' -> character(4);
            case 'x' -> at < source.length() && source.charAt(at) == '{' ? bracedCharacter() : character(2);
            default -> {
                if (c >= 0x80 || Character.isLetterOrDigit(c)) {
                    throw refused("\\" + c);
                }
                yield literal(c);
            }
        };
    }

    private String character(int digits) {
        int end = at + digits;
        if (end > source.length() || !source.substring(at, end).matches("[0-9a-fA-F]+")) {
            throw refused("a character without its number");
        }
        int value = Integer.parseInt(source.substring(at, end), 16);
        at = end;
        return number(value);
    }

    private String bracedCharacter() {
        int end = source.indexOf('}', at);
        if (end < 0 || !source.substring(at + 1, end).matches("[0-9a-fA-F]{1,6}")) {
            throw refused("a character without its number");
        }
        int value = Integer.parseInt(source.substring(at + 1, end), 16);
        at = end + 1;
        return number(value);
    }

    private String number(int value) {
        if (value > Character.MAX_CODE_POINT
                || (value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE)) {
            throw refused("a number that is no character");
        }
        return String.format(Locale.ROOT, "\\x{%x}", value);
    }

    private String property(char c) {
        int end = source.indexOf('}', at);
        if (end < 0 || source.charAt(at) != '{') {
            throw refused("a property without its name");
        }
        String name = source.substring(at + 1, end);
        boolean negated = name.startsWith("^");
        if (negated) {
            name = name.substring(1);
        }
        at = end + 1;
        char kind = negated == (c == 'p') ? 'P' : 'p';
        if (CATEGORIES.contains(name)) {
            return "\\" + kind + "{" + name + "}";
        }
        if (SCRIPTS.contains(name)) {
            return "\\" + kind + "{Is" + name + "}";
        }
        throw refused("the property " + name);
    }

    private String characterClass() {
        StringBuilder members = new StringBuilder("[");
        at++;
        if (at < source.length() && source.charAt(at) == '^') {
            members.append('^');
            at++;
        }
        int first = at;
        while (at < source.length() && (source.charAt(at) != ']' || at == first)) {
            if (source.charAt(at) == ']') {
                throw refused("brackets around nothing");
            }
            member(members, at == first);
        }
        if (at >= source.length()) {
            throw refused("a bracket that is not closed");
        }
        at++;
        return members.append(']').toString();
    }

    private void member(StringBuilder members, boolean first) {
        int c = source.codePointAt(at);
        if (c == '\\') {
            members.append(escape(true));
        } else if (c == '[' || source.startsWith("&&", at)) {
            throw refused("brackets in brackets");
        } else if (c == '-' && !first && at + 1 < source.length() && source.charAt(at + 1) != ']') {
            members.append('-');
            at++;
        } else {
            members.append(literal(c));
            at += Character.charCount(c);
        }
    }

    private IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(
                "an expression must have no " + what + " that is not understood here, got " + Shown.quoted(source));
    }
}
