/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.IntPredicate;

/** Values as Python prints them, and Python's idea of white space. */
final class PythonText {

    private static final String SPACES =
            "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
                    + "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    private PythonText() {}

    static boolean isSpace(int character) {
        return SPACES.indexOf(character) >= 0;
    }

    static String strip(String text, IntPredicate gone, boolean left, boolean right) {
        int begin = 0;
        int end = text.length();
        while (left && begin < end && gone.test(text.codePointAt(begin))) {
            begin += Character.charCount(text.codePointAt(begin));
        }
        while (right && end > begin && gone.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(begin, end);
    }

    /** Python's {@code str}. */
    static String of(Object value, Budget budget) {
        if (value instanceof String text) {
            return text;
        }
        return value instanceof Undefined ? "" : budget.made(shown(value, budget));
    }

    /** Python's {@code repr}. */
    private static String shown(Object value, Budget budget) {
        if (value instanceof String text) {
            return budget.made(quoted(text));
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof BigInteger number) {
            return number.toString();
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Undefined) {
            return "Undefined";
        }
        if (value == None.NONE) {
            return "None";
        }
        return budget.deeper(() -> budget.made(nested(value, budget)));
    }

    private static String nested(Object value, Budget budget) {
        if (value instanceof Items items) {
            String end = items.values().size() == 1 ? ",)" : ")";
            StringJoiner list = items.tuple() ? new StringJoiner(", ", "(", end) : new StringJoiner(", ", "[", "]");
            items.values().forEach(item -> list.add(shown(item, budget)));
            return list.toString();
        }
        if (value instanceof Dict dict) {
            StringJoiner pairs = new StringJoiner(", ", "{", "}");
            for (Map.Entry<String, Object> entry : dict.entries().entrySet()) {
                pairs.add(quoted(entry.getKey()) + ": " + shown(entry.getValue(), budget));
            }
            return pairs.toString();
        }
        throw new ChatTemplateException("a value of type '" + Values.type(value) + "' cannot be printed");
    }

    static String number(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number > 0 ? "0.0" : "-0.0";
        }
        BigDecimal exact = new BigDecimal(number);
        BigDecimal shortest = exact;
        for (int digits = 17; digits >= 1; digits--) {
            BigDecimal rounded = exact.round(new MathContext(digits));
            if (rounded.doubleValue() != number) {
                break;
            }
            shortest = rounded;
        }
        shortest = shortest.stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = shortest.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = shortest.unscaledValue().abs().toString();
        return (number < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> {
            int known = "\n\r\t\\".indexOf(c);
            if (known >= 0) {
                quoted.append('\\').append("nrt\\".charAt(known));
            } else if (c == quote) {
                quoted.append('\\').append(quote);
            } else if (isPrintable(c)) {
                quoted.appendCodePoint(c);
            } else {
                String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                quoted.append(String.format(Locale.ROOT, form, c));
            }
        });
        return quoted.append(quote).toString();
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }
}
