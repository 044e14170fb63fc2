/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Grey pictures and labels from a pair of IDX files; pictures are scaled when asked for. */
public final class IdxPictures implements Labelled {

    private final PictureShape shape;
    private final int height;
    private final int width;
    private final byte[] pixels;
    private final byte[] labels;
    private final List<String> classes;
    private final PictureScaling scaling;

    private IdxPictures(IdxFile pictures, IdxFile labels, String names, PictureShape shape, List<String> classes) {
        if (pictures.dimensions().length != 3) {
            throw new BadInputException(
                    names + ": pictures need 3 dimensions (count, height, width), got " + pictures.dimensions().length);
        }
        if (labels.dimensions().length != 1) {
            throw new BadInputException(names + ": labels need 1 dimension (count), got " + labels.dimensions().length);
        }
        if (pictures.dimensions()[0] != labels.dimensions()[0]) {
            throw new BadInputException(
                    names + ": " + pictures.dimensions()[0] + " pictures but " + labels.dimensions()[0] + " labels");
        }
        this.shape = shape;
        this.height = pictures.dimensions()[1];
        this.width = pictures.dimensions()[2];
        this.pixels = pictures.bytes();
        this.labels = labels.bytes();
        this.classes = classes.isEmpty() ? numbered(this.labels) : List.copyOf(classes);
        for (int i = 0; i < this.labels.length; i++) {
            if ((this.labels[i] & 0xff) >= this.classes.size()) {
                throw new BadInputException(names + ": label " + (this.labels[i] & 0xff) + " of picture " + i
                        + " is not below " + this.classes.size());
            }
        }
        this.scaling = new PictureScaling(height, width, shape.side());
    }

    private static List<String> numbered(byte[] labels) {
        int most = 0;
        for (byte label : labels) {
            most = Math.max(most, label & 0xff);
        }
        return IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
    }

    /**
     * Reads two files, plain or gzip'd.
     *
     * @param classes the classes' names; empty: the numbers from 0 to the largest label
     * @throws BadInputException if a file is not what it should be or they do not fit each other
     */
    public static IdxPictures read(Path pictures, Path labels, PictureShape shape, List<String> classes) {
        return new IdxPictures(
                IdxFile.read(pictures), IdxFile.read(labels), pictures + " and " + labels, shape, classes);
    }

    /** Reads two resources in a class's package. */
    public static IdxPictures read(
            Class<?> beside, String pictures, String labels, PictureShape shape, List<String> classes)
            throws IOException {
        return new IdxPictures(
                resource(beside, pictures), resource(beside, labels), pictures + " and " + labels, shape, classes);
    }

    private static IdxFile resource(Class<?> beside, String name) throws IOException {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the resource " + name + " is missing from the examples");
            }
            return IdxFile.read(name, new java.io.BufferedInputStream(in));
        }
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public long[] shape() {
        return shape.shape();
    }

    @Override
    public Optional<PictureShape> pictures() {
        return Optional.of(shape);
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int example) {
        return labels[example] & 0xff;
    }

    @Override
    public void features(int example, float[] into, int offset) {
        for (int channel = 0; channel < shape.channels(); channel++) {
            scaling.scale(pixels, example * height * width, 1, shape, channel, into, offset);
        }
    }
}
