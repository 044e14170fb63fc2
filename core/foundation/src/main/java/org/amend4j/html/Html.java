/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.amend4j.internal.text.Characters;

/**
 * Writes HTML that is well-formed XML as well. Names of elements and attributes are the program's own; everything else is text and
 * stays text, whoever wrote it. Not thread-safe.
 */
public final class Html {

    private static final Pattern NUMBER =
            Pattern.compile("-?(?:[0-9][0-9,]*(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|Infinity)|NaN");

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    private Html() {}

    /** A whole document; {@code html} is its first element. */
    public static Html page() {
        Html html = new Html();
        html.out.append("<!DOCTYPE html>\n");
        return html;
    }

    /** A part of a document, such as a notebook shows. */
    public static Html fragment() {
        return new Html();
    }

    /**
     * Begins an element.
     *
     * @param attributes name, value, name, value
     */
    public Html open(String element, String... attributes) {
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
    public Html close() {
        out.append("</").append(open.pop()).append(">\n");
        return this;
    }

    /** An element that holds only text. */
    public Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    /** An element that cannot hold anything, such as {@code meta}. */
    public Html empty(String element, String... attributes) {
        open(element, attributes);
        open.pop();
        out.setLength(out.length() - 1);
        out.append(" />\n");
        return this;
    }

    public Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /** Rows of cells under a header: texts to the left, numbers to the right. */
    public Html table(List<String> header, List<List<String>> rows) {
        open("table").open("thead").open("tr");
        for (int j = 0; j < header.size(); j++) {
            int column = j;
            boolean numbers = !rows.isEmpty() && rows.stream().allMatch(row -> isNumber(row.get(column)));
            element("th", header.get(j), "scope", "col", "style", align(numbers));
        }
        close().close().open("tbody");
        for (List<String> row : rows) {
            open("tr");
            row.forEach(cell -> element("td", cell, "style", align(isNumber(cell))));
            close();
        }
        return close().close();
    }

    /** In every cell: Jupyter's style sheet would put all of them to the right. */
    private static String align(boolean number) {
        return "text-align: " + (number ? "right" : "left");
    }

    private static boolean isNumber(String cell) {
        return NUMBER.matcher(cell).matches();
    }

    /** Sentences below one another under what they are; nothing if there are none. */
    public Html list(String heading, List<String> sentences) {
        if (sentences.isEmpty()) {
            return this;
        }
        element("p", heading).open("ul");
        sentences.forEach(sentence -> element("li", sentence));
        return close();
    }

    /** A row for each name and value. */
    public Html facts(Map<String, String> facts) {
        open("table").open("tbody");
        facts.forEach((name, value) -> open("tr")
                .element("th", name, "scope", "row", "style", align(false))
                .element("td", value, "style", align(false))
                .close());
        return close().close();
    }

    /** Adds markup unescaped, such as an SVG element that this program has drawn. Never pass text from elsewhere. */
    public Html markup(String own) {
        out.append(own).append('\n');
        return this;
    }

    /** What another view shows, as it is. */
    public Html view(HtmlView view) {
        return markup(view.toHtml());
    }

    /**
     * What was written.
     *
     * @throws IllegalStateException if an element was not ended
     */
    public String markup() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("every element must be ended, got open " + open);
        }
        return out.toString();
    }

    /**
     * Without markup, and without characters that are not seen or that turn the direction of what is around them: these are written
     * as {@code \\u{202E}}. The backslash of what was written so in the text itself becomes {@code \\u{5C}}.
     */
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.replace("\\u{", "\\u{5C}u{").codePoints().forEach(point -> {
            switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\t' -> escaped.append((char) point);
                default -> {
                    if (Characters.isSeen(point)) {
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
}
