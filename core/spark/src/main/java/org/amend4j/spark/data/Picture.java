/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** A picture's file as levels from 0 to 255. */
final class Picture {

    private Picture() {}

    /**
     * The levels of a picture, in the order of its features.
     *
     * @throws IOException if it is of another size or cannot be read; the message says what there is instead
     */
    static byte[] levels(byte[] file, PictureSize size) throws IOException {
        BufferedImage picture = decoded(file, size);
        boolean grey = picture.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
        if (picture.getSampleModel().getSampleSize(0) > 8) {
            throw new IOException(
                    "one of " + picture.getSampleModel().getSampleSize(0) + " bits a channel, more than 8");
        }
        byte[] levels = new byte[size.values()];
        for (int y = 0; y < size.height(); y++) {
            for (int x = 0; x < size.width(); x++) {
                // for Java grey levels are linear light, and getRGB would make them brighter
                int rgb = grey ? picture.getRaster().getSample(x, y, 0) * 0x010101 : picture.getRGB(x, y);
                for (int channel = 0; channel < size.channels(); channel++) {
                    levels[size.place(y, x, channel)] =
                            (byte) (size.channels() == 1 && !grey ? luminance(rgb) : rgb >> (16 - 8 * channel));
                }
            }
        }
        return levels;
    }

    private static long luminance(int rgb) {
        return Math.round(0.299 * ((rgb >> 16) & 0xff) + 0.587 * ((rgb >> 8) & 0xff) + 0.114 * (rgb & 0xff));
    }

    /** Looks at the size first: a small file could decode to a picture of gigabytes. */
    private static BufferedImage decoded(byte[] file, PictureSize size) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("a file of no format that Java reads");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                if (reader.getHeight(0) != size.height() || reader.getWidth(0) != size.width()) {
                    throw new IOException("one of height " + reader.getHeight(0) + " and width " + reader.getWidth(0));
                }
                List<String> warnings = new ArrayList<>();
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                BufferedImage picture = reader.read(0);
                if (!warnings.isEmpty()) { // of half a JPEG Java makes a picture with the other half grey
                    throw new IOException("a damaged one (" + warnings.get(0) + ")");
                }
                return picture;
            } finally {
                reader.dispose();
            }
        }
    }
}
