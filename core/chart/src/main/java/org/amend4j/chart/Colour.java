/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.Color;

/** The colours of lines, told apart with every kind of colour vision (Okabe and Ito, 2008). */
public enum Colour {
    BLUE(0x0072B2),
    VERMILION(0xD55E00),
    GREEN(0x009E73),
    PURPLE(0xCC79A7),
    ORANGE(0xE69F00),
    SKY(0x56B4E9),
    GREY(0x6B7280);

    /** Share of the colour in its pale one, the rest is white. */
    private static final double PALE = 0.4;

    private final Color full;

    Colour(int rgb) {
        full = new Color(rgb);
    }

    /** One for every line of a chart, in this order; from the seventh on again. */
    public static Colour of(int line) {
        return values()[line % values().length];
    }

    Color full() {
        return full;
    }

    /** Opaque: where segments of a translucent line meet, they would leave dots. */
    Color pale() {
        return new Color(mixed(full.getRed()), mixed(full.getGreen()), mixed(full.getBlue()));
    }

    private static int mixed(int channel) {
        return (int) Math.round(PALE * channel + (1 - PALE) * 255);
    }
}
