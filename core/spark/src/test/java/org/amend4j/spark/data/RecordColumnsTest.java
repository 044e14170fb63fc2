/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.amend4j.objective.Precision;
import org.amend4j.spark.data.LabelColumns.ClassNumbers;
import org.amend4j.spark.data.LabelColumns.Classes;
import org.amend4j.spark.data.LabelColumns.Targets;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class RecordColumnsTest {

    private static final TableColumns TABLE =
            TableColumns.of("id", List.of("a", "b"), new ClassNumbers("y", 3)).ownedBy("who");

    private static Row row(Object... cells) {
        return RowFactory.create(cells);
    }

    private static double[] features(RecordColumns columns, Row row) {
        RowReader reader = columns.reader();
        double[] features = new double[12];
        reader.features(reader.read(row), features, 0);
        return features;
    }

    private static double[] label(RecordColumns columns, Row row) {
        RowReader reader = columns.reader();
        double[] label = new double[reader.labels()];
        reader.label(reader.read(row), label, 0);
        return label;
    }

    @Test
    void text_and_numbers_of_any_type_say_the_same() {
        for (Row row : List.of(
                row(7L, 3, 0.5, 2f, 1),
                row("7", " 3", "0.5", "2 ", "1"),
                row((short) 7, (byte) 3, new BigDecimal("0.50"), 2, new BigDecimal("1.0")))) {
            RowRecord record = TABLE.reader().read(row);
            assertEquals(7, record.id());
            assertEquals(3, record.subject());
            assertArrayEquals(new double[] {0.5, 2}, Arrays.copyOf(features(TABLE, row), 2));
            assertArrayEquals(new double[] {0, 1, 0}, label(TABLE, row));
        }
    }

    @Test
    void numbers_are_rounded_once_to_their_type() {
        TableColumns one = TableColumns.of("id", List.of("a"), new Targets(List.of("y", "z")));
        Row row = row(0, "0.1", "0.3", 2);
        assertEquals((double) 0.1f, features(one, row)[0]);
        assertEquals(0.1, features(one.in(Precision.DOUBLE), row)[0]);
        assertArrayEquals(new double[] {0.3, 2}, label(one.in(Precision.DOUBLE), row));
        refused(
                "record 0 must have a finite number in column 'a', got '1e39'",
                () -> features(one, row(0, "1e39", 1, 1)));
        assertEquals(1e39, features(one.in(Precision.DOUBLE), row(0, "1e39", 1, 1))[0]);
    }

    @Test
    void a_row_that_is_no_record_is_refused_with_its_id() {
        RowReader reader = TABLE.reader();
        refused("ids must be whole numbers >= 0, got '7.0' in column 'id'", () -> reader.read(row(7.0, 3, 1, 1, 1)));
        refused(
                "ids must be whole numbers >= 0, got '9223372036854775808'",
                () -> reader.read(row("9223372036854775808", 3, 1, 1, 1)));
        refused(
                "the subject of record 7 must be a whole number, got 'Ann' in column 'who'",
                () -> reader.read(row(7, "Ann", 1, 1, 1)));
        for (String another : List.of("007", "+7", "-0", "\u0667")) {
            refused("the subject of record 7 must be", () -> reader.read(row(7, another, 1, 1, 1)));
        }
        refused(
                "record 7 must have a finite number in column 'b', got 'true'",
                () -> reader.read(row(7, 3, 1, true, 1)));
        refused(
                "record 7 must have a finite number in column 'b', got 'Infinity'",
                () -> reader.read(row(7, 3, 1, "Infinity", 1)));
        refused(
                "record 7 must have a finite number in column 'a', got 'one two'",
                () -> reader.read(row(7, 3, "one\ntwo", 1, 1)));
        refused(
                "the class of record 7 must be a whole number in [0, 2], got '3' in column 'y'",
                () -> reader.read(row(7, 3, 1, 1, 3)));
        refused(
                "the class of record 7 must be a whole number in [0, 2], got '1.0'",
                () -> reader.read(row(7, 3, 1, 1, 1.0)));
        refused(
                "record 7 must have a finite number in column 'b', got '" + "1".repeat(40) + "…'",
                () -> reader.read(row(7, 3, 1, "1".repeat(10_000_000), 1)));
        RowReader targets =
                TableColumns.of("id", List.of("a"), new Targets(List.of("y"))).reader();
        refused(
                "record 7 must have a finite number in column 'y', got 'NaN'",
                () -> targets.read(row(7, 1, Double.NaN)));
    }

    @Test
    void columns_that_cannot_be_meant_are_refused() {
        refused(
                "the table names 'id' twice",
                () -> TableColumns.of("id", List.of("a", "id"), new ClassNumbers("y", 3)));
        refused("the table names 'y' twice", () -> TABLE.ownedBy("y"));
        refused(
                "the number of features must be >= 1",
                () -> TableColumns.of("id", List.of(), new ClassNumbers("y", 3)));
        refused("classes names 'no' twice", () -> new Classes("y", List.of("no", "no")));
        refused("the number of classes must be >= 2, got 1", () -> new ClassNumbers("y", 1));
        refused("the number of targets must be >= 1", () -> new Targets(List.of()));
        refused("pictures must have 1 or 3 channels, got 4", () -> PictureColumns.of(2, 2, 4, List.of("a", "b")));
        refused(
                "a picture must have at most 268435456 values",
                () -> PictureColumns.of(1 << 20, 1 << 20, 1, List.of("a", "b")));
        refused(
                "the table names 'path' twice",
                () -> PictureColumns.of(2, 2, 1, List.of("a", "b")).withIds("path"));
    }

    // pictures

    private static final PictureColumns COLOURS = PictureColumns.of(1, 2, 3, List.of("cat", "dog"));
    private static final PictureColumns GREY = PictureColumns.of(1, 2, 1, List.of("cat", "dog"));

    private static byte[] png(int type, int... levels) throws IOException {
        return written("png", type, levels);
    }

    private static byte[] written(String format, int type, int... levels) throws IOException {
        BufferedImage picture = new BufferedImage(2, 1, type);
        picture.getRaster().setPixels(0, 0, 2, 1, levels);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, format, bytes);
        return bytes.toByteArray();
    }

    private static int[] levels(PictureColumns columns, byte[] file) {
        double[] features = features(columns, row("file:/pictures/dog/1.png", file));
        int size = Arrays.stream(columns.reader().shape())
                .mapToInt(one -> (int) one)
                .reduce(1, Math::multiplyExact);
        return Arrays.stream(features, 0, size)
                .mapToInt(value -> (int) Math.round(255 * value))
                .toArray();
    }

    @Test
    void a_picture_s_levels_are_its_file_s() throws IOException {
        byte[] colours = png(BufferedImage.TYPE_INT_RGB, 1, 2, 3, 250, 128, 0);
        assertArrayEquals(new int[] {1, 250, 2, 128, 3, 0}, levels(COLOURS, colours));
        assertArrayEquals(new int[] {1, 250, 2, 128, 3, 0}, levels(COLOURS.in(PictureLayout.FLAT), colours));
        assertArrayEquals(new int[] {1, 2, 3, 250, 128, 0}, levels(COLOURS.in(PictureLayout.CHANNELS_LAST), colours));
        assertArrayEquals(new long[] {3, 1, 2}, COLOURS.reader().shape());
        assertArrayEquals(
                new long[] {1, 2, 3},
                COLOURS.in(PictureLayout.CHANNELS_LAST).reader().shape());
        assertArrayEquals(new int[] {2, 150}, levels(GREY, colours));
        byte[] grey = png(BufferedImage.TYPE_BYTE_GRAY, 7, 128);
        assertArrayEquals(new int[] {7, 128}, levels(GREY, grey));
        assertArrayEquals(new int[] {7, 128, 7, 128, 7, 128}, levels(COLOURS, grey));
        assertArrayEquals(new double[] {0, 1}, label(GREY, row("file:/pictures/dog/1.png", grey)));
    }

    @Test
    void ids_of_pictures_come_from_their_folders_and_names() throws IOException {
        byte[] grey = png(BufferedImage.TYPE_BYTE_GRAY, 7, 128);
        long id = GREY.reader().read(row("file:/pictures/dog/1.png", grey)).id();
        // the first 63 bits of sha256("dog/1.png")
        assertEquals(
                id, GREY.reader().read(row("hdfs://there/else/dog/1.png", grey)).id());
        assertNotEquals(
                id, GREY.reader().read(row("file:/pictures/cat/1.png", grey)).id());
        RowRecord named = GREY.withIds("id").ownedBy("who").reader().read(row("file:/pictures/dog/1.png", grey, 5, 9));
        assertEquals(5, named.id());
        assertEquals(9, named.subject());
    }

    @Test
    void what_is_no_such_picture_is_refused_with_its_path() throws IOException {
        byte[] grey = png(BufferedImage.TYPE_BYTE_GRAY, 7, 128);
        byte[] jpeg = written("jpg", BufferedImage.TYPE_BYTE_GRAY, 7, 128);
        RowReader reader = GREY.reader();
        refused(
                "the folder of file:/pictures/cow/1.png must be of one of the classes 'cat', 'dog', got 'cow'",
                () -> reader.read(row("file:/pictures/cow/1.png", grey)));
        refused("got a file of no format that Java reads", () -> reader.read(row("dog/1.png", new byte[0])));
        refused(
                "dog/1.png must be a picture of height 1 and width 2, got ",
                () -> reader.read(row("dog/1.png", Arrays.copyOf(grey, 44))));
        refused(
                "got a damaged one (Truncated File",
                () -> reader.read(row("dog/1.jpg", Arrays.copyOf(jpeg, jpeg.length - 2))));
        refused("dog/1.png must be read whole, got no content", () -> reader.read(row("dog/1.png", null)));
        refused(
                "got one of 16 bits a channel, more than 8",
                () -> reader.read(row("dog/1.png", png(BufferedImage.TYPE_USHORT_GRAY, 7, 128))));
        RowReader larger = PictureColumns.of(2, 2, 1, List.of("cat", "dog")).reader();
        refused(
                "must be a picture of height 2 and width 2, got one of height 1 and width 2",
                () -> larger.read(row("dog/1.png", grey)));
    }
}
