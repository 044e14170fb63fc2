/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.objective.Precision;
import org.apache.spark.sql.Row;

/**
 * Reads rows of {@link PictureColumns}. Features are packed as bytes, a level each, in the order of the features.
 *
 * @param id the column of ids; empty if they come from paths
 * @param subject the column of subjects; empty if each picture is its own
 */
record PictureReader(PictureSize size, List<String> classes, String id, String subject, Precision precision)
        implements RowReader {

    private static final long serialVersionUID = 1;

    static final long MOST_VALUES = 1L << 28;

    private static final double LEVELS = 255;

    @Override
    public RowRecord read(Row row) {
        String path = String.valueOf(row.get(0));
        String[] parts = path.split("/", -1);
        String name = parts[parts.length - 1];
        String folder = parts.length < 2 ? "" : parts[parts.length - 2];
        int place = 2;
        long number = id.isEmpty() ? idOf(folder + "/" + name) : Cells.id(id, row.get(place++));
        long owner = subject.isEmpty() ? number : Cells.subject(number, subject, row.get(place));
        int label = Cells.classNumber("the folder of " + path, classes, folder);
        if (!(row.get(1) instanceof byte[] content)) {
            throw new IllegalArgumentException(path + " must be read whole, got no content");
        }
        return new RowRecord(number, owner, levels(path, content), new double[] {label});
    }

    /** The same bits whatever Spark calls the place where the folders are. */
    private static long idOf(String name) {
        return ByteBuffer.wrap(Sha256.of(name.getBytes(StandardCharsets.UTF_8))).getLong() >>> 1;
    }

    private byte[] levels(String path, byte[] content) {
        try {
            return Picture.levels(content, size);
        } catch (IOException | RuntimeException broken) {
            String reason = String.valueOf(broken.getMessage()).replaceAll("\\s+", " ");
            throw new IllegalArgumentException(
                    path + " must be a picture of height " + size.height() + " and width " + size.width() + ", got "
                            + reason,
                    broken);
        }
    }

    @Override
    public long[] shape() {
        return size.layout().shape(size.height(), size.width(), size.channels());
    }

    @Override
    public int labels() {
        return classes.size();
    }

    @Override
    public void features(RowRecord row, double[] into, int at) {
        byte[] levels = row.features();
        for (int k = 0; k < levels.length; k++) {
            into[at + k] = Byte.toUnsignedInt(levels[k]) / LEVELS;
        }
    }

    @Override
    public void label(RowRecord row, double[] into, int at) {
        into[at + (int) row.label()[0]] = 1;
    }
}
