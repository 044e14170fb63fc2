/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;

class IdxPicturesTest {

    private static final PictureShape GREY = new PictureShape(2, 1, PictureShape.Order.NHWC);

    @TempDir
    private Path folder;

    private static byte[] idx(int[] dimensions, byte... content) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(0x0800 + dimensions.length);
            for (int dimension : dimensions) {
                out.writeInt(dimension);
            }
            out.write(content);
            return bytes.toByteArray();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static byte[] packed(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private String refusal(byte[] pictures, byte[] labels) throws IOException {
        Path one = file("pictures", pictures);
        Path two = file("labels", labels);
        return assertThrows(BadInputException.class, () -> IdxPictures.read(one, two, GREY, List.of()))
                .getMessage();
    }

    private static final byte[] PICTURES = idx(
            new int[] {2, 2, 2},
            (byte) 0,
            (byte) 51,
            (byte) 102,
            (byte) 255, //
            (byte) 1,
            (byte) 2,
            (byte) 3,
            (byte) 4);
    private static final byte[] LABELS = idx(new int[] {2}, (byte) 1, (byte) 0);

    @Test
    void pixelsBecomeValuesFromZeroToOneAndLabelsOneHot() throws IOException {
        IdxPictures data =
                IdxPictures.read(file("p.gz", packed(PICTURES)), file("l", LABELS), GREY, List.of("zero", "one"));
        DataSet batch = data.batch(0, 1);
        assertArrayEquals(new long[] {2, 2, 2, 1}, batch.getFeatures().shape());
        assertEquals(0.2f, batch.getFeatures().getFloat(0, 0, 1, 0));
        assertEquals(1f, batch.getFeatures().getFloat(0, 1, 1, 0));
        assertArrayEquals(
                new float[] {0, 1, 1, 0}, batch.getLabels().dup('c').data().asFloat());
    }

    @Test
    void greyIsTripledInBothLayouts() throws IOException {
        Path pictures = file("p", PICTURES);
        Path labels = file("l", LABELS);
        float[] last = new float[12];
        IdxPictures.read(pictures, labels, new PictureShape(2, 3, PictureShape.Order.NHWC), List.of())
                .features(0, last, 0);
        float[] first = new float[12];
        IdxPictures.read(pictures, labels, new PictureShape(2, 3, PictureShape.Order.NCHW), List.of())
                .features(0, first, 0);
        float[] values = {0, 0.2f, 0.4f, 1};
        for (int pixel = 0; pixel < 4; pixel++) {
            for (int channel = 0; channel < 3; channel++) {
                assertEquals(values[pixel], last[pixel * 3 + channel]);
                assertEquals(values[pixel], first[channel * 4 + pixel]);
            }
        }
    }

    @Test
    void scalingUpInterpolatesBetweenPixelCentres() throws IOException {
        float[] values = new float[16];
        IdxPictures.read(
                        file("p", PICTURES),
                        file("l", LABELS),
                        new PictureShape(4, 1, PictureShape.Order.FLAT),
                        List.of())
                .features(0, values, 0);
        // Columns at -0.25 (clamped to 0), 0.25, 0.75, 1.25 (clamped to 1) of the first row 0, 51.
        float rounding = 4 * Math.ulp(1f);
        assertEquals(0f, values[0], rounding);
        assertEquals(0.05f, values[1], rounding);
        assertEquals(0.15f, values[2], rounding);
        assertEquals(0.2f, values[3], rounding);
    }

    @Test
    void aPictureOfOnePixelScales() throws IOException {
        float[] values = new float[4];
        IdxPictures.read(
                        file("p", idx(new int[] {1, 1, 1}, (byte) 255)),
                        file("l", idx(new int[] {1}, (byte) 0)),
                        GREY,
                        List.of())
                .features(0, values, 0);
        assertArrayEquals(new float[] {1, 1, 1, 1}, values);
    }

    @Test
    void eachRuleHasItsSentence() throws IOException {
        assertTrue(refusal(new byte[] {0, 0, 8}, LABELS).contains("ends inside its header"));
        assertTrue(refusal(new byte[] {0, 0, 13, 1, 0, 0, 0, 1, 0}, LABELS).contains("not an IDX file of bytes"));
        assertTrue(refusal(idx(new int[] {0, 2, 2}), LABELS).contains("dimension 0 must be from 1"));
        assertTrue(refusal(idx(new int[] {2, -1, 2}), LABELS).contains("dimension 1 must be from 1"));
        assertTrue(refusal(idx(new int[] {1 << 20, 1 << 10, 1 << 10}), LABELS).contains("claims more than 2 GB"));
        assertTrue(refusal(Arrays.copyOf(PICTURES, PICTURES.length - 1), LABELS).contains("announces 8 bytes"));
        assertTrue(
                refusal(Arrays.copyOf(PICTURES, PICTURES.length + 1), LABELS).contains("continues after the 8 bytes"));
        assertTrue(refusal(LABELS, LABELS).contains("pictures need 3 dimensions"));
        assertTrue(refusal(PICTURES, PICTURES).contains("labels need 1 dimension"));
        assertTrue(refusal(PICTURES, idx(new int[] {1}, (byte) 0)).contains("2 pictures but 1 labels"));
    }

    @Test
    void aLabelWithoutAClassIsRefused() throws IOException {
        Path pictures = file("p", PICTURES);
        Path labels = file("l", idx(new int[] {2}, (byte) 0, (byte) 2));
        BadInputException refused = assertThrows(
                BadInputException.class, () -> IdxPictures.read(pictures, labels, GREY, List.of("a", "b")));
        assertTrue(refused.getMessage().contains("label 2 of picture 1"));
    }

    @Test
    void aHeaderCannotClaimMemoryThatTheFileDoesNotFill() throws IOException {
        // 2^31 - 9 bytes announced, none there: refused after at most one chunk.
        assertTrue(refusal(idx(new int[] {1, 1, Integer.MAX_VALUE - 8}), LABELS).contains("holds 0"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedFilesAreRefusedWithOneSentenceOrReadExactly(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] gzip = packed(PICTURES);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = (i % 2 == 0 ? PICTURES : gzip).clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Path pictures = file("p", Arrays.copyOf(damaged, damaged.length - (i % 5 == 0 ? random.nextInt(9) : 0)));
            Path labels = file("l", LABELS);
            try {
                assertEquals(
                        2, IdxPictures.read(pictures, labels, GREY, List.of()).size());
            } catch (BadInputException refused) {
                assertEquals(-1, refused.getMessage().indexOf('\n'));
            }
        }
    }
}
