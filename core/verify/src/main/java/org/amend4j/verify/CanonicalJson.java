/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads canonical JSON, and nothing else: no blanks, names in ascending order and each once, one way to write every text and
 * number, no {@code true}, {@code false} or {@code null}. So whatever is read would be written as the same bytes again. Numbers are
 * integers, or doubles as Java writes them (with more digits than the fewest, as Java before 19 did, too). Depth and size are bounded.
 */
final class CanonicalJson {

    private static final int DEEPEST = 12;
    private static final int MOST_VALUES = 1 << 21;
    private static final int LONGEST_NUMBER = 32;
    private static final int MOST_DIGITS = 18;
    private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]*");
    private static final Pattern ECMA_SCRIPT = Pattern.compile("-?[0-9]{1,21}(\\.[0-9]{1,25})?(e[+-][0-9]{1,3})?");
    private static final Pattern DOUBLE = Pattern.compile("-?[0-9]{1,7}\\.[0-9]{1,20}(E-?[0-9]{1,3})?");

    /** How control characters and numbers are written. */
    enum Style {
        /** RFC 8785: certificates and ledgers of format 2. */
        JCS {
            @Override
            String escape(char c) {
                return shortOr(c, number(c));
            }

            @Override
            boolean isNumber(String token) {
                return ECMA_SCRIPT.matcher(token).matches() && isEcmaScript(token);
            }
        },
        /** Certificates of format 1, as Jackson does: the short escapes where there are some. */
        CERTIFICATE {
            @Override
            String escape(char c) {
                return shortOr(c, number(c).toUpperCase(Locale.ROOT).replace('U', 'u'));
            }
        },
        /** Ledgers of format 1: always by their number. */
        LEDGER {
            @Override
            String escape(char c) {
                return number(c);
            }
        };

        abstract String escape(char c);

        boolean isNumber(String token) {
            return INTEGER.matcher(token).matches() || isDouble(token);
        }

        private static String shortOr(char c, String other) {
            int index = "\b\t\n\f\r".indexOf(c);
            return index >= 0 ? "\\" + "btnfr".charAt(index) : other;
        }

        private static String number(char c) {
            return String.format(Locale.ROOT, "\\u%04x", (int) c);
        }
    }

    private final String text;
    private final Style style;
    private int at;
    private int values;

    private CanonicalJson(String text, Style style) {
        this.text = text;
        this.style = style;
    }

    /** A text as RFC 8785 writes it, with its quotes. */
    static String text(String value) {
        StringBuilder written = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                written.append('\\').append(c);
            } else {
                written.append(c < ' ' ? Style.JCS.escape(c) : String.valueOf(c));
            }
        }
        return written.append('"').toString();
    }

    /** Bytes as text, if they are strict UTF-8. */
    static String decode(byte[] bytes) throws RejectedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RejectedException("it is not UTF-8");
        }
    }

    /** The object that a whole text is. */
    static Json.Obj object(String text, Style style) throws RejectedException {
        CanonicalJson reader = new CanonicalJson(text, style);
        Json value = reader.value(0);
        if (reader.at != text.length()) {
            throw reader.rejected("something follows the object");
        }
        if (!(value instanceof Json.Obj object)) {
            throw new RejectedException("it is no JSON object");
        }
        return object;
    }

    private Json value(int depth) throws RejectedException {
        if (depth > DEEPEST) {
            throw rejected("more than " + DEEPEST + " values are inside of each other");
        }
        if (++values > MOST_VALUES) {
            throw rejected("there are more than " + MOST_VALUES + " values");
        }
        return switch (peek()) {
            case '{' -> members(depth);
            case '[' -> items(depth);
            case '"' -> {
                int start = at;
                String read = text();
                yield new Json.Text(read, start, at);
            }
            default -> number();
        };
    }

    private Json members(int depth) throws RejectedException {
        int start = at;
        expect('{');
        SortedMap<String, Json> members = new TreeMap<>();
        while (peek() != '}') {
            if (!members.isEmpty()) {
                expect(',');
            }
            String name = text();
            if (!members.isEmpty() && members.lastKey().compareTo(name) >= 0) {
                throw rejected("names do not ascend, each once, at " + Quoted.of(name));
            }
            expect(':');
            members.put(name, value(depth + 1));
        }
        expect('}');
        return new Json.Obj(members, start, at);
    }

    private Json items(int depth) throws RejectedException {
        int start = at;
        expect('[');
        List<Json> items = new ArrayList<>();
        while (peek() != ']') {
            if (!items.isEmpty()) {
                expect(',');
            }
            items.add(value(depth + 1));
        }
        expect(']');
        return new Json.Arr(items, start, at);
    }

    private String text() throws RejectedException {
        expect('"');
        StringBuilder read = new StringBuilder();
        while (peek() != '"') {
            char c = text.charAt(at);
            if (c < ' ') {
                throw rejected("a control character is in a text");
            }
            if (c == '\\') {
                read.append(escaped());
            } else {
                read.append(c);
                at++;
            }
        }
        at++;
        return read.toString();
    }

    /** A character that must be escaped, in the one way it is. */
    private char escaped() throws RejectedException {
        for (char c : new char[] {'"', '\\'}) {
            if (text.startsWith("\\" + c, at)) {
                at += 2;
                return c;
            }
        }
        for (char c = 0; c < ' '; c++) {
            String escape = style.escape(c);
            if (text.startsWith(escape, at)) {
                at += escape.length();
                return c;
            }
        }
        throw rejected("an escape is not canonical");
    }

    private Json number() throws RejectedException {
        int start = at;
        while (at < text.length() && at - start <= LONGEST_NUMBER && "-+0123456789.eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String token = text.substring(start, at);
        if (token.length() > LONGEST_NUMBER || !style.isNumber(token)) {
            at = start;
            throw rejected("there is no canonical value");
        }
        return new Json.Num(token, start, at);
    }

    /** Whether it is what ECMAScript writes for the double that is nearest. */
    private static boolean isEcmaScript(String token) {
        double value = Double.parseDouble(token);
        return Double.isFinite(value) && EcmaScriptNumber.text(value).equals(token);
    }

    /** Whether it has the layout of {@link Double#toString(double)}. */
    private static boolean isDouble(String token) {
        if (!DOUBLE.matcher(token).matches()) {
            return false;
        }
        BigDecimal value = new BigDecimal(token).stripTrailingZeros();
        return value.precision() <= MOST_DIGITS && layout(value).equals(token);
    }

    private static String layout(BigDecimal value) {
        if (value.signum() == 0) {
            return "0.0";
        }
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= -3 && exponent < 7) {
            return value.setScale(Math.max(1, value.scale())).toPlainString();
        }
        String digits = value.unscaledValue().abs().toString();
        String rest = digits.length() == 1 ? "0" : digits.substring(1);
        return (value.signum() < 0 ? "-" : "") + digits.charAt(0) + "." + rest + "E" + exponent;
    }

    private char peek() throws RejectedException {
        if (at >= text.length()) {
            throw rejected("it ends too early");
        }
        return text.charAt(at);
    }

    private void expect(char wanted) throws RejectedException {
        if (peek() != wanted) {
            throw rejected("'" + wanted + "' is missing");
        }
        at++;
    }

    private RejectedException rejected(String why) {
        return new RejectedException("it is not canonical JSON: " + why + " (character " + at + ")");
    }
}
