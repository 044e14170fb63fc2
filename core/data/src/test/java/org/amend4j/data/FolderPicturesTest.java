/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderPicturesTest {

    private static final PictureShape COLOUR = new PictureShape(4, 3, PictureShape.Order.NHWC);

    @TempDir
    private Path folder;

    private Path picture(String name, int width, int height, int rgb) throws IOException {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                picture.setRGB(x, y, rgb);
            }
        }
        Path file = folder.resolve(name);
        Files.createDirectories(folder.resolve(name).resolveSibling(""));
        ImageIO.write(picture, "png", file.toFile());
        return file;
    }

    private String refusal(List<String> classes) {
        return assertThrows(BadInputException.class, () -> FolderPictures.read(folder, COLOUR, classes))
                .getMessage();
    }

    @Test
    void everySubFolderIsAClassAndSizesMayDiffer() throws IOException {
        picture("b/one.png", 3, 5, 0x0000ff);
        picture("a/two.PNG", 8, 2, 0xff3300);
        FolderPictures data = FolderPictures.read(folder, COLOUR, List.of());
        assertEquals(List.of("a", "b"), data.classes());
        assertEquals(2, data.size());
        float[] values = new float[48];
        data.features(0, values, 0);
        assertArrayEquals(new float[] {1, 0.2f, 0}, Arrays.copyOf(values, 3));
        assertArrayEquals(new float[] {1, 0.2f, 0}, Arrays.copyOfRange(values, 45, 48));
        data.features(1, values, 0);
        assertArrayEquals(new float[] {0, 0, 1}, Arrays.copyOf(values, 3));
    }

    @Test
    void colourBecomesGreyByLuminance() throws IOException {
        picture("a/one.png", 2, 2, 0x00ff00);
        picture("b/two.png", 2, 2, 0xffffff);
        float[] values = new float[16];
        FolderPictures data = FolderPictures.read(folder, new PictureShape(4, 1, PictureShape.Order.NCHW), List.of());
        data.features(0, values, 0);
        assertEquals(Math.round(0.587 * 255) / 255f, values[0]);
        data.features(1, values, 0);
        assertEquals(1f, values[15]);
    }

    @Test
    void eachRuleHasItsSentence() throws IOException {
        assertTrue(refusal(List.of()).contains("holds no sub-folders"));
        Files.createDirectories(folder.resolve("a"));
        assertTrue(refusal(List.of()).contains("holds no pictures"));
        picture("a/one.png", 2, 2, 0);
        assertTrue(refusal(List.of("b", "c")).contains("is not one of the classes [b, c]"));
        Path text = Files.writeString(folder.resolve("a/two.png"), "not a picture");
        assertTrue(refusal(List.of()).contains("is not a picture Java can read"));
        Files.delete(text);
        Files.writeString(folder.resolve("a/notes.txt"), "x");
        assertTrue(refusal(List.of()).contains("is not a picture (png"));
    }

    @Test
    void aTruncatedPictureIsRefused() throws IOException {
        Path file = picture("a/one.png", 40, 40, 0x123456);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertTrue(refusal(List.of()).contains("is a damaged picture"));
    }
}
