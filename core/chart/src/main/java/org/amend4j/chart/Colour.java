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

    /** Of 255. */
    private static final int PALE = 90;

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

    Color pale() {
        return new Color(full.getRed(), full.getGreen(), full.getBlue(), PALE);
    }
}
