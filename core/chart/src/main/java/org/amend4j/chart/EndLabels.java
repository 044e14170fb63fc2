/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.knowm.xchart.internal.chartpart.Annotation;

/** Names of lines, each at its line's end, moved apart where they would lie on one another. */
final class EndLabels extends Annotation {

    /** Pixels. */
    private static final int GAP = 6;

    private final List<Line> lines;
    private final Font font;

    EndLabels(List<Line> lines, Font font) {
        super(false);
        this.lines = lines;
        this.font = font;
    }

    /** One of them. */
    private record Label(Line line, int x, int y) {}

    @Override
    public void paint(Graphics2D graphics) {
        graphics.setFont(font);
        int height = graphics.getFontMetrics().getHeight();
        List<Label> labels = lines.stream()
                .map(line -> new Label(
                        line,
                        getXAxisScreenValue(line.x()[line.x().length - 1]) + GAP,
                        getYAxisScreenValue(line.y()[line.y().length - 1])))
                .sorted(Comparator.comparingInt(Label::y))
                .toList();
        for (Label label : apart(labels, height)) {
            graphics.setColor(Color.WHITE);
            int width = graphics.getFontMetrics().stringWidth(label.line().label());
            graphics.fillRect(label.x() - 1, label.y() - height / 2, width + 2, height);
            graphics.setColor(label.line().colour().full());
            graphics.drawString(label.line().label(), label.x(), label.y() + height / 4);
        }
    }

    /** From above to below, at least a line's height apart; what is pushed below the plot pushes the others up. */
    private List<Label> apart(List<Label> labels, int height) {
        int highest = Math.min(getYAxisScreenValueForMin(), getYAxisScreenValueForMax()) + height / 2;
        int[] at =
                labels.stream().mapToInt(label -> Math.max(highest, label.y())).toArray();
        for (int i = 1; i < at.length; i++) {
            at[i] = Math.max(at[i], at[i - 1] + height);
        }
        int lowest = Math.max(getYAxisScreenValueForMin(), getYAxisScreenValueForMax()) - height / 2;
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], lowest - (at.length - 1 - i) * height);
        }
        List<Label> moved = new ArrayList<>();
        for (int i = 0; i < at.length; i++) {
            moved.add(new Label(labels.get(i).line(), labels.get(i).x(), at[i]));
        }
        return moved;
    }
}
