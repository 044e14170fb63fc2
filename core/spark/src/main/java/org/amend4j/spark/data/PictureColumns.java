/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;

/**
 * Records that are pictures in folders, one folder a class, as {@code spark.read().format("binaryFile")} finds them (columns
 * {@value #PATH} and {@value #CONTENT}), in a format Java reads (PNG, JPEG, GIF, BMP), all of one size. Values are the 256 levels divided
 * by 255. A picture's id and its subject are columns that the caller has joined or made.
 *
 * @param height of each picture, at least 1
 * @param width of each picture, at least 1
 * @param channels 1 (grey; colours become their luminance) or 3 (red, green, blue); transparency is not read
 * @param layout of the features
 * @param classes the names of the folders, in the order of the network's outputs; at least two
 * @param id the column of records' ids: whole numbers from 0, all different. Without one, ids are the first 63 bits of SHA-256 of {@code
 *     folder/name}, which do not depend on the other pictures
 * @param subject the column with a picture's subject, a whole number; without one each picture is its own subject
 * @param precision of all numbers
 */
public record PictureColumns(
        int height,
        int width,
        int channels,
        PictureLayout layout,
        List<String> classes,
        Optional<String> id,
        Optional<String> subject,
        Precision precision)
        implements RecordColumns {

    static final String PATH = "path";
    static final String CONTENT = "content";

    /** @throws IllegalArgumentException if a number is out of its range, or a name empty or there twice */
    public PictureColumns {
        Checks.atLeast(1, "the height of pictures", height);
        Checks.atLeast(1, "the width of pictures", width);
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("pictures must have 1 or 3 channels, got " + channels);
        }
        if ((long) height * width * channels > PictureReader.MOST_VALUES) {
            throw new IllegalArgumentException("a picture must have at most " + PictureReader.MOST_VALUES
                    + " values, got " + (long) height * width * channels);
        }
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(precision, "precision");
        classes = Checks.names("classes", classes);
        Checks.atLeast(2, "the number of classes", classes.size());
        Checks.names("the table", all(id, subject));
    }

    /** Of type FLOAT, channels first, ids by path, each picture its own subject. */
    public static PictureColumns of(int height, int width, int channels, List<String> classes) {
        return new PictureColumns(
                height,
                width,
                channels,
                PictureLayout.CHANNELS_FIRST,
                classes,
                Optional.empty(),
                Optional.empty(),
                Precision.FLOAT);
    }

    /** With a column of ids. */
    public PictureColumns withIds(String column) {
        return new PictureColumns(height, width, channels, layout, classes, Optional.of(column), subject, precision);
    }

    /** With a column that names a picture's subject. */
    public PictureColumns ownedBy(String column) {
        return new PictureColumns(height, width, channels, layout, classes, id, Optional.of(column), precision);
    }

    /** With features in another order. */
    public PictureColumns in(PictureLayout order) {
        return new PictureColumns(height, width, channels, order, classes, id, subject, precision);
    }

    /** With numbers of another type. */
    public PictureColumns in(Precision type) {
        return new PictureColumns(height, width, channels, layout, classes, id, subject, type);
    }

    @Override
    public List<String> columns() {
        return all(id, subject);
    }

    private static List<String> all(Optional<String> id, Optional<String> subject) {
        List<String> all = new ArrayList<>(List.of(PATH, CONTENT));
        id.ifPresent(all::add);
        subject.ifPresent(all::add);
        return all;
    }

    @Override
    public RowReader reader() {
        return new PictureReader(
                new PictureSize(height, width, channels, layout),
                classes,
                id.orElse(""),
                subject.orElse(""),
                precision);
    }
}
