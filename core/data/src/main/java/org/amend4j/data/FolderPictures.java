/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A folder with one sub-folder a class, each with pictures in a format Java reads (PNG, JPEG, GIF, BMP). Pictures are
 * decoded and scaled once, when read, and kept as bytes, so that values are multiples of 1/255. Classes are the
 * sub-folders' names in alphabetical order; hidden files are passed over, every other file must be a picture.
 */
public final class FolderPictures implements Labelled {

    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");
    private static final long MOST_PIXELS = 64L * 1024 * 1024;

    private final PictureShape shape;
    private final List<String> classes;
    private final List<byte[]> pictures;
    private final int[] labels;

    private FolderPictures(PictureShape shape, List<String> classes, List<byte[]> pictures, int[] labels) {
        this.shape = shape;
        this.classes = List.copyOf(classes);
        this.pictures = List.copyOf(pictures);
        this.labels = labels;
    }

    /**
     * Reads a folder.
     *
     * @param classes the classes a network knows; empty: the sub-folders found. A sub-folder that is not among them is
     *     refused, one that is missing is not
     * @throws BadInputException naming the file or folder that is not as it should be
     */
    public static FolderPictures read(Path folder, PictureShape shape, List<String> classes) {
        return read(folder, shape, classes, Optional.empty());
    }

    /**
     * As {@link #read(Path, PictureShape, List)}, without files that are no pictures or damaged.
     *
     * @param damaged is told each of them
     */
    public static FolderPictures read(Path folder, PictureShape shape, List<String> classes, Consumer<Path> damaged) {
        return read(folder, shape, classes, Optional.of(damaged));
    }

    private static FolderPictures read(
            Path folder, PictureShape shape, List<String> classes, Optional<Consumer<Path>> damaged) {
        try {
            List<Path> folders =
                    visible(folder).stream().filter(Files::isDirectory).toList();
            if (folders.isEmpty()) {
                throw new BadInputException(folder + " holds no sub-folders: one a class is expected");
            }
            List<String> names = classes.isEmpty()
                    ? folders.stream().map(FolderPictures::name).toList()
                    : classes;
            List<byte[]> pictures = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (Path one : folders) {
                int label = names.indexOf(name(one));
                if (label < 0) {
                    throw new BadInputException(one + " is not one of the classes " + names);
                }
                int before = pictures.size();
                for (Path file : picturesIn(one)) {
                    try {
                        pictures.add(scaled(requirePicture(file), shape));
                        labels.add(label);
                    } catch (BadInputException bad) {
                        damaged.orElseThrow(() -> new BadInputException(
                                        bad.getMessage() + "; --skip-damaged leaves such files out", bad))
                                .accept(file);
                    }
                }
                if (pictures.size() == before) {
                    throw new BadInputException(one + " holds no picture that can be read");
                }
            }
            int[] numbers = labels.stream().mapToInt(Integer::intValue).toArray();
            return new FolderPictures(shape, names, pictures, numbers);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + folder + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static List<Path> visible(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !name(entry).startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static String name(Path path) {
        Path last = path.getFileName();
        return last == null ? "" : last.toString();
    }

    private static List<Path> picturesIn(Path folder) throws IOException {
        List<Path> files = visible(folder);
        if (files.isEmpty()) {
            throw new BadInputException(folder + " holds no pictures");
        }
        return files;
    }

    private static Path requirePicture(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        if (!ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1))) {
            throw new BadInputException(file + " is not a picture (png, jpg, gif or bmp)");
        }
        return file;
    }

    private static byte[] scaled(Path file, PictureShape shape) {
        BufferedImage picture = decode(file);
        int width = picture.getWidth();
        int height = picture.getHeight();
        byte[] pixels = new byte[width * height * shape.channels()];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = picture.getRGB(x, y);
                int red = rgb >> 16 & 0xff;
                int green = rgb >> 8 & 0xff;
                int blue = rgb & 0xff;
                if (shape.channels() == 1) {
                    pixels[at++] = (byte) Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
                } else {
                    pixels[at++] = (byte) red;
                    pixels[at++] = (byte) green;
                    pixels[at++] = (byte) blue;
                }
            }
        }
        return scaled(pixels, height, width, shape);
    }

    private static byte[] scaled(byte[] pixels, int height, int width, PictureShape shape) {
        float[] values = new float[shape.side() * shape.side() * shape.channels()];
        PictureScaling scaling = new PictureScaling(height, width, shape.side());
        for (int channel = 0; channel < shape.channels(); channel++) {
            scaling.scale(pixels, channel, shape.channels(), shape, channel, values, 0);
        }
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) Math.round(values[i] * 255f);
        }
        return bytes;
    }

    /** Decodes one file after looking at its size: a header cannot make us allocate more than 64 million pixels. */
    private static BufferedImage decode(Path file) {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers =
                    in == null ? List.<ImageReader>of().iterator() : ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new BadInputException(file + " is not a picture Java can read");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                if ((long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
                    throw new BadInputException(file + " has more than " + MOST_PIXELS + " pixels");
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NegativeArraySizeException broken) {
            throw new BadInputException(file + " is a damaged picture: " + broken.getMessage(), broken);
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
        return labels[example];
    }

    @Override
    public void features(int example, float[] into, int offset) {
        byte[] picture = pictures.get(example);
        for (int i = 0; i < picture.length; i++) {
            into[offset + i] = (picture[i] & 0xff) / 255f;
        }
    }
}
