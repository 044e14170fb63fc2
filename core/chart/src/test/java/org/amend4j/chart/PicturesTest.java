/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PicturesTest {

    private static final int RED = Color.RED.getRGB();
    private static final int BLUE = Color.BLUE.getRGB();
    private static final int WHITE = Color.WHITE.getRGB();

    /** Red on the left, blue on the right. */
    private static BufferedImage halves() {
        BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(0, 0, 2, 2, new int[] {RED, BLUE, RED, BLUE}, 0, 2);
        return picture;
    }

    @Test
    void aSmallPictureIsDrawnInLargerPixels() {
        BufferedImage image = Pictures.inColumns(1).picture(halves()).image();
        assertEquals(160, image.getWidth());
        assertEquals(140, image.getHeight());
        assertEquals(WHITE, image.getRGB(23, 14));
        assertEquals(RED, image.getRGB(24, 14));
        assertEquals(RED, image.getRGB(79, 125));
        assertEquals(BLUE, image.getRGB(80, 14));
        assertEquals(WHITE, image.getRGB(80, 126));
    }

    @Test
    void picturesFillRowsAndTheLongestCaptionMakesTheirHeight() {
        BufferedImage image = Pictures.inColumns(2)
                .picture(halves(), "one")
                .picture(halves(), "two", "more")
                .picture(halves())
                .image();
        assertEquals(320, image.getWidth());
        assertEquals(2 * 174, image.getHeight());
        assertEquals(RED, image.getRGB(24, 174 + 14));
        assertEquals(WHITE, image.getRGB(184, 174 + 14));
    }

    @Test
    void textIsBelowItsPicture() {
        BufferedImage without = Pictures.inColumns(1).picture(halves(), "").image();
        BufferedImage with = Pictures.inColumns(1).picture(halves(), "boot").image();
        assertEquals(inked(without, 0, 126), inked(with, 0, 126));
        assertEquals(0, inked(without, 126, without.getHeight()));
        assertNotEquals(0, inked(with, 126, with.getHeight()));
    }

    private static long inked(BufferedImage image, int from, int to) {
        return IntStream.range(from * image.getWidth(), to * image.getWidth())
                .filter(k -> image.getRGB(k % image.getWidth(), k / image.getWidth()) != WHITE)
                .count();
    }

    @Test
    void withoutColumnOrPictureThereIsNoImage() {
        assertThrows(IllegalArgumentException.class, () -> Pictures.inColumns(0));
        assertThrows(IllegalStateException.class, () -> Pictures.inColumns(1).image());
    }
}
