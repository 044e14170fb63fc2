/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import org.amend4j.internal.text.Characters;

/** Text from a file made safe to print: quoted, cut, with everything invisible escaped. */
public final class Printable {
    private static final int LONGEST = 200;
    private static final int LONGEST_LINE = 1_000;

    private Printable() {}

    /** The text between quotes, control and format characters as {@code \\u{..}}, at most 200 characters of it. */
    public static String quoted(String text) {
        StringBuilder printable = new StringBuilder("'");
        text.codePoints().limit(LONGEST).forEach(c -> append(printable, c));
        return printable
                .append(text.codePointCount(0, text.length()) > LONGEST ? "'..." : "'")
                .toString();
    }

    /** The text on one line with everything invisible escaped, at most 1,000 characters of it. */
    public static String line(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().limit(LONGEST_LINE).forEach(c -> {
            if (Characters.isSeen(c)) {
                printable.appendCodePoint(c);
            } else {
                append(printable, c);
            }
        });
        return printable
                .append(text.codePointCount(0, text.length()) > LONGEST_LINE ? "..." : "")
                .toString();
    }

    private static void append(StringBuilder printable, int codePoint) {
        if (codePoint == '\'' || codePoint == '\\') {
            printable.append('\\').append((char) codePoint);
        } else if (Characters.isSeen(codePoint)) {
            printable.appendCodePoint(codePoint);
        } else {
            printable.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
        }
    }
}
