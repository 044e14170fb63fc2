/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes HTML that is well-formed XML as well. Names of elements and attributes are the program's own; everything else is text and
 * stays text, whoever wrote it.
 */
final class Html {

    private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Begins an element.
     *
     * @param attributes name, value, name, value
     */
    Html open(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            out.append(escaped(attributes[i + 1])).append('"');
        }
        out.append('>');
        open.push(element);
        return this;
    }

    /** Ends the element that was begun last. */
    Html close() {
        out.append("</").append(open.pop()).append(">\n");
        return this;
    }

    /** An element with nothing but text in it. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    /** An element that cannot hold anything, such as {@code meta}. */
    Html empty(String element, String... attributes) {
        open(element, attributes);
        open.pop();
        out.setLength(out.length() - 1);
        out.append(" />\n");
        return this;
    }

    Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /** The whole document, when everything was ended. */
    String document() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("every element must be ended, got open " + open);
        }
        return out.toString();
    }

    /**
     * Without markup, and without characters that are not seen or that turn the direction of what is around them: these are written
     * as {@code \\u{202E}}.
     */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\t' -> escaped.append((char) point);
                default -> {
                    if (isSeen(point)) {
                        escaped.appendCodePoint(point);
                    } else {
                        escaped.append("\\u{")
                                .append(Integer.toHexString(point).toUpperCase(Locale.ROOT))
                                .append('}');
                    }
                }
            }
        });
        return escaped.toString();
    }

    private static boolean isSeen(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
