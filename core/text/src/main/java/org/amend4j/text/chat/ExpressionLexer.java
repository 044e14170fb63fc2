/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.internal.text.Shown;

/** The next token within a tag. */
final class ExpressionLexer {

    private static final int LONGEST_NUMBER = 400;
    private static final Pattern NUMBER = Pattern.compile("\\d++(?:(?:\\.\\d++)?+[eE][+-]?\\d++|\\.\\d++)?+");
    /** Behind a point: {@code list.0.1} has two places. */
    private static final Pattern PLACE = Pattern.compile("\\d++");

    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,]");

    private ExpressionLexer() {}

    static Token token(String source, int at, int line) {
        char first = source.charAt(at);
        if (first == '\'' || first == '"') {
            return new Token(
                    Token.Kind.STRING, unescaped(source.substring(at + 1, closing(source, at, line)), line), line);
        }
        if (first >= '0' && first <= '9') {
            Matcher number = (at > 0 && source.charAt(at - 1) == '.' ? PLACE : NUMBER)
                    .matcher(source)
                    .region(at, source.length());
            String text = number.lookingAt() ? number.group() : "";
            if (text.length() > LONGEST_NUMBER) {
                throw new ChatTemplateException("a number must have at most " + LONGEST_NUMBER + " digits", line);
            }
            boolean whole = text.chars().allMatch(c -> c >= '0' && c <= '9');
            return new Token(whole ? Token.Kind.INTEGER : Token.Kind.FLOAT, text, line);
        }
        int end = at;
        while (end < source.length() && isNamed(source.charAt(end))) {
            end++;
        }
        if (end > at) {
            return new Token(Token.Kind.NAME, source.substring(at, end), line);
        }
        Matcher operator = OPERATOR.matcher(source).region(at, source.length());
        if (!operator.lookingAt()) {
            throw new ChatTemplateException(
                    "the character " + Shown.quoted(source.substring(at, source.offsetByCodePoints(at, 1)))
                            + " is not expected there",
                    line);
        }
        return new Token(Token.Kind.OPERATOR, operator.group(), line);
    }

    /** Characters of the source that a token has. */
    static int length(String source, int at, Token token) {
        return token.kind() == Token.Kind.STRING
                ? closing(source, at, token.line()) + 1 - at
                : token.text().length();
    }

    private static boolean isNamed(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private static int closing(String source, int at, int line) {
        for (int i = at + 1; i < source.length(); i++) {
            if (source.charAt(i) == '\\') {
                i++;
            } else if (source.charAt(i) == source.charAt(at)) {
                return i;
            }
        }
        throw new ChatTemplateException("a text has no closing quote", line);
    }

    private static String unescaped(String text, int line) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            int known = "ntr\\'\"abfv".indexOf(kind);
            int digits = "xuU".indexOf(kind) < 0 ? 0 : 2 << "xuU".indexOf(kind);
            if (known >= 0) {
                plain.append("\n\t\r\\'\"\u0007\b\f\u000b".charAt(known));
            } else if (digits > 0) {
                plain.appendCodePoint(codePoint(text, i + 1, digits, 16, line));
                i += digits;
            } else if (kind >= '0' && kind <= '7') {
                int length = 1;
                while (length < 3 && i + length < text.length() && "01234567".indexOf(text.charAt(i + length)) >= 0) {
                    length++;
                }
                plain.appendCodePoint(codePoint(text, i, length, 8, line));
                i += length - 1;
            } else if (kind == 'N') {
                throw new ChatTemplateException("characters by name (\\N) are not understood here", line);
            } else if (kind != '\n') {
                plain.append(c).append(kind);
            }
        }
        return plain.toString();
    }

    private static int codePoint(String text, int at, int digits, int radix, int line) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = i < text.length() ? Character.digit(text.charAt(i), radix) : -1;
            value = digit < 0 || value > Character.MAX_CODE_POINT ? Integer.MAX_VALUE : value * radix + digit;
        }
        if (!Character.isValidCodePoint(value)) {
            throw new ChatTemplateException("a text has an escape that is no character", line);
        }
        return value;
    }
}
