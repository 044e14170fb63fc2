/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Small pictures side by side, each with lines of text below it, in the look of charts. Immutable: {@link #picture} returns another
 * one.
 *
 * <pre>{@code
 * Pictures.inColumns(4).picture(boot, "ankle boot", "before: bag", "after: ankle boot").image()
 * }</pre>
 */
public final class Pictures {

    /** For about 22 letters; the same on every machine, whatever its fonts. */
    private static final int CELL = 160;

    private static final int PICTURE = 112;
    private static final int LINE = 17;
    private static final int GAP = 14;

    private final int columns;
    private final List<Captioned> pictures;

    private Pictures(int columns, List<Captioned> pictures) {
        this.columns = columns;
        this.pictures = List.copyOf(pictures);
    }

    private record Captioned(BufferedImage picture, List<String> lines) {}

    /**
     * None yet.
     *
     * @throws IllegalArgumentException if there is no column
     */
    public static Pictures inColumns(int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("there must be at least one column, got " + columns);
        }
        return new Pictures(columns, List.of());
    }

    /**
     * With one picture more, at the end.
     *
     * @param picture drawn as a square; if it is small, in larger pixels
     * @param lines what is below it, the first one in bold
     */
    public Pictures picture(BufferedImage picture, String... lines) {
        List<Captioned> all = new ArrayList<>(pictures);
        all.add(new Captioned(picture, List.of(lines)));
        return new Pictures(columns, all);
    }

    /**
     * For a notebook or a PNG file.
     *
     * @throws IllegalStateException if there is no picture
     */
    public BufferedImage image() {
        if (pictures.isEmpty()) {
            throw new IllegalStateException("there must be at least one picture");
        }
        int most = pictures.stream().mapToInt(one -> one.lines().size()).max().orElseThrow();
        int height = PICTURE + most * LINE + 2 * GAP;
        int rows = (pictures.size() + columns - 1) / columns;
        BufferedImage image = new BufferedImage(columns * CELL, rows * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int k = 0; k < pictures.size(); k++) {
            draw(graphics, pictures.get(k), k % columns * CELL, k / columns * height + GAP);
        }
        graphics.dispose();
        return image;
    }

    private static void draw(Graphics2D graphics, Captioned one, int left, int top) {
        int margin = (CELL - PICTURE) / 2;
        graphics.drawImage(one.picture(), left + margin, top, PICTURE, PICTURE, null);
        graphics.setColor(Frame.INK);
        for (int line = 0; line < one.lines().size(); line++) {
            String text = one.lines().get(line);
            graphics.setFont(line == 0 ? Frame.TEXT.deriveFont(Font.BOLD) : Frame.TEXT);
            int width = graphics.getFontMetrics().stringWidth(text);
            graphics.drawString(text, left + (CELL - width) / 2, top + PICTURE + (line + 1) * LINE);
        }
    }
}
