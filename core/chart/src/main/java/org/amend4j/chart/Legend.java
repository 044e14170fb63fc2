/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.font.FontRenderContext;
import java.util.ArrayList;
import java.util.List;

/** Names below a chart: side by side where a few short ones fit, else one below the other, and long ones over several lines. */
final class Legend {

    /** How many names may stand side by side. */
    private static final int SHORT = 4;

    /** Of a line of text, in pixels. */
    private static final int LINE = 19;

    /** The width next to each name: a piece of its line, and space. */
    private static final int MARK = 60;

    /** At the sides of all. */
    private static final int MARGIN = 20;

    private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

    private final List<String> names;
    private final int room;

    /** @param width of the picture */
    Legend(List<Line> named, int width) {
        names = named.stream().map(Line::label).toList();
        room = width - 2 * MARGIN;
    }

    /** In pixels. */
    static double width(String text) {
        return Frame.TEXT.getStringBounds(text, CONTEXT).getWidth();
    }

    boolean isVertical() {
        return names.size() > SHORT
                || names.stream().mapToDouble(name -> width(name) + MARK).sum() > room;
    }

    /** What it adds to the height of a picture, in pixels: below one another names would take it from the plot. */
    int height() {
        return isVertical()
                ? LINE * names.stream().mapToInt(name -> lines(name).size()).sum()
                : 0;
    }

    /** A name with a line break where it reaches the end of the picture. */
    String wrapped(String name) {
        return isVertical() ? String.join("\n", lines(name)) : name;
    }

    private List<String> lines(String name) {
        List<String> lines = new ArrayList<>();
        String rest = name;
        while (width(rest) > room - MARK) {
            int most = fitting(rest);
            int space = rest.lastIndexOf(' ', most);
            int end = space > 0 ? space : most;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    /** How many letters fit, at least one. */
    private int fitting(String text) {
        int count = text.length();
        while (count > 1 && width(text.substring(0, count)) > room - MARK) {
            count--;
        }
        // never in the middle of a letter
        return count > 1 && Character.isHighSurrogate(text.charAt(count - 1)) ? count - 1 : count;
    }
}
