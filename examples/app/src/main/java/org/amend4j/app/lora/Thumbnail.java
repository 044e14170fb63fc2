/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Optional;
import org.amend4j.data.Labelled;
import org.amend4j.data.PictureShape;

/** Examples as small pictures for people, before any normalizer: scaled to its size, and no more of it than a page needs. */
public final class Thumbnail {

    /** Pixels; what is larger is made smaller. */
    private static final int LARGEST = 96;

    private Thumbnail() {}

    /** An example's picture; empty if the examples are none. */
    public static Optional<BufferedImage> of(Labelled examples, int example) {
        return examples.pictures().map(shape -> {
            float[] values = new float[examples.length()];
            examples.pixels(example, values);
            return smaller(drawn(values, shape));
        });
    }

    private static BufferedImage drawn(float[] values, PictureShape shape) {
        BufferedImage picture = new BufferedImage(shape.side(), shape.side(), BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < shape.side(); row++) {
            for (int column = 0; column < shape.side(); column++) {
                int rgb = 0;
                for (int colour = 0; colour < 3; colour++) {
                    int channel = Math.min(colour, shape.channels() - 1);
                    float value = values[shape.position(row, column, channel)];
                    rgb = rgb << 8 | Math.round(255 * Math.min(1, Math.max(0, value)));
                }
                picture.setRGB(column, row, rgb);
            }
        }
        return picture;
    }

    private static BufferedImage smaller(BufferedImage picture) {
        if (picture.getWidth() <= LARGEST) {
            return picture;
        }
        BufferedImage small = new BufferedImage(LARGEST, LARGEST, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(picture, 0, 0, LARGEST, LARGEST, null);
        graphics.dispose();
        return small;
    }
}
