/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.text.Shown;
import org.amend4j.model.BaseModel;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerType;

/**
 * What is done to data before a network sees it, as Deeplearning4j's {@code ModelSerializer.addNormalizerToModel} puts it into the network's
 * zip. Its own reader makes an object of whatever class the file names, and deserializes Java objects where that fails; this one reads
 * the three kinds that Deeplearning4j itself writes, and nothing else.
 */
public final class StoredNormalizer {

    /** Its name in a zip. */
    static final String ENTRY = "normalizer.bin";

    private static final String HEADER = "NORMALIZER";
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 1L << 28;
    /** A mean and a standard deviation of numbers in [0, 1] are at most this together. */
    private static final double PARTS = 1.5;

    private static final double BYTES = 255;
    private static final int JAVA_OBJECT = 0xaced;

    private final NormalizerType type;
    private final DataNormalization normalizer;
    private final long columns;
    private final double largest;
    private final byte[] bytes;

    private StoredNormalizer(
            NormalizerType type, DataNormalization normalizer, long columns, double largest, byte[] bytes) {
        this.type = type;
        this.normalizer = normalizer;
        this.columns = columns;
        this.largest = largest;
        this.bytes = bytes;
    }

    /**
     * Reads that of a network's zip, if it has one.
     *
     * @throws IOException if it cannot be read, or is none that Deeplearning4j writes for one input; the message names the file
     */
    public static Optional<StoredNormalizer> read(Path file) throws IOException {
        ModelFile.requireRegular(file);
        try (ModelZip zip = new ModelZip(file)) {
            return zip.has(ENTRY) ? Optional.of(zip.read(ENTRY, StoredNormalizer::read)) : Optional.empty();
        } catch (IOException | RuntimeException bad) {
            throw new IOException(
                    "cannot read the normalizer of " + file + ": " + ModelFile.oneLine(bad)
                            + "; Deeplearning4j's addNormalizerToModel writes one",
                    bad);
        }
    }

    /**
     * Reads one that lies in a file of its own.
     *
     * @throws IOException as {@link #read(Path)}
     */
    public static StoredNormalizer readAlone(Path file) throws IOException {
        ModelFile.requireRegular(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return read(in, Files.size(file));
        } catch (IOException | RuntimeException bad) {
            throw new IOException("cannot read the normalizer " + file + ": " + ModelFile.oneLine(bad), bad);
        }
    }

    /** Writes it to a file of its own. */
    public void writeAlone(Path file) throws IOException {
        Files.write(file, bytes);
    }

    /**
     * One that takes means away and divides by standard deviations.
     *
     * @param mean [1, columns], finite
     * @param deviation as many, finite and >= 0
     */
    public static StoredNormalizer standardizing(INDArray mean, INDArray deviation) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try {
            NormalizerSerializer.getDefault().write(new NormalizerStandardize(mean, deviation), written);
            byte[] bytes = written.toByteArray();
            return read(new DataInputStream(new ByteArrayInputStream(bytes)), bytes.length);
        } catch (IOException bad) {
            throw new IllegalArgumentException(bad.getMessage(), bad);
        }
    }

    private static StoredNormalizer read(DataInputStream entry, long size) throws IOException {
        if (size > MOST_BYTES) {
            throw new IOException(ENTRY + " must have at most " + MOST_BYTES + " bytes, got " + size);
        }
        byte[] bytes = entry.readNBytes((int) size);
        if (bytes.length > 1 && (((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff)) == JAVA_OBJECT) {
            throw new IOException(ENTRY + " is a Java object, as before Deeplearning4j 0.8.1, which is not read");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            StoredNormalizer read = read(in, bytes);
            if (in.read() >= 0) {
                throw new IOException(ENTRY + " has more bytes than it needs");
            }
            return read;
        } catch (EOFException e) {
            throw new IOException(ENTRY + " ends too early", e);
        }
    }

    private static StoredNormalizer read(DataInputStream in, byte[] bytes) throws IOException {
        if (!in.readUTF().equals(HEADER) || in.readInt() != VERSION) {
            throw new IOException(ENTRY + " does not begin as a normalizer of version " + VERSION);
        }
        String type = in.readUTF();
        return switch (type) {
            case "STANDARDIZE" -> standardize(in, bytes);
            case "MIN_MAX" -> minMax(in, bytes);
            case "IMAGE_MIN_MAX" -> image(in, bytes);
            default ->
                throw new IOException("a normalizer must be STANDARDIZE, MIN_MAX or IMAGE_MIN_MAX, got "
                        + Shown.of(type) + (type.equals("CUSTOM") ? ", and no file chooses a class" : ""));
        };
    }

    private static StoredNormalizer standardize(DataInputStream in, byte[] bytes) throws IOException {
        boolean ofLabels = in.readBoolean();
        INDArray mean = numbers(in, "mean", bytes);
        INDArray deviation = numbers(in, "standard deviation", bytes);
        requireAlike(mean, deviation);
        if (deviation.minNumber().doubleValue() < 0) {
            throw new IOException("the standard deviations of a normalizer must be >= 0, got "
                    + deviation.minNumber().doubleValue());
        }
        NormalizerStandardize read;
        double largest = mean.add(deviation).maxNumber().doubleValue();
        if (ofLabels) {
            INDArray labelMean = numbers(in, "labels' mean", bytes);
            INDArray labelDeviation = numbers(in, "labels' standard deviation", bytes);
            requireAlike(labelMean, labelDeviation);
            read = new NormalizerStandardize(mean, deviation, labelMean, labelDeviation);
        } else {
            read = new NormalizerStandardize(mean, deviation);
        }
        read.fitLabel(ofLabels);
        return new StoredNormalizer(NormalizerType.STANDARDIZE, read, mean.length(), largest, bytes);
    }

    private static StoredNormalizer minMax(DataInputStream in, byte[] bytes) throws IOException {
        boolean ofLabels = in.readBoolean();
        double from = finite(in.readDouble());
        double to = finite(in.readDouble());
        INDArray least = numbers(in, "minimum", bytes);
        INDArray most = numbers(in, "maximum", bytes);
        requireAlike(least, most);
        double largest = most.maxNumber().doubleValue();
        NormalizerMinMaxScaler read = new NormalizerMinMaxScaler(from, to);
        read.setFeatureStats(least, most);
        if (ofLabels) {
            INDArray labelsLeast = numbers(in, "labels' minimum", bytes);
            INDArray labelsMost = numbers(in, "labels' maximum", bytes);
            requireAlike(labelsLeast, labelsMost);
            read.setLabelStats(labelsLeast, labelsMost);
        }
        read.fitLabel(ofLabels);
        return new StoredNormalizer(NormalizerType.MIN_MAX, read, least.length(), largest, bytes);
    }

    private static StoredNormalizer image(DataInputStream in, byte[] bytes) throws IOException {
        double from = finite(in.readDouble());
        double to = finite(in.readDouble());
        double brightest = finite(in.readDouble());
        if (!(brightest > 0)) {
            throw new IOException("the brightest pixel of a normalizer must be > 0, got " + brightest);
        }
        ImagePreProcessingScaler read = new ImagePreProcessingScaler(from, to);
        read.setMaxPixelVal(brightest);
        return new StoredNormalizer(NormalizerType.IMAGE_MIN_MAX, read, 0, brightest, bytes);
    }

    private static INDArray numbers(DataInputStream in, String what, byte[] bytes) throws IOException {
        INDArray read = Coefficients.row(in, ENTRY, bytes.length);
        if (!BaseModel.isFinite(read)) {
            throw new IOException("the " + what + " of a normalizer must be finite");
        }
        return read;
    }

    private static double finite(double read) throws IOException {
        if (!Double.isFinite(read)) {
            throw new IOException("the range of a normalizer must be finite, got " + read);
        }
        return read;
    }

    private static void requireAlike(INDArray one, INDArray other) throws IOException {
        if (one.length() != other.length()) {
            throw new IOException("a normalizer must have two numbers for each column, got " + one.length()
                    + " of one kind and " + other.length() + " of the other");
        }
    }

    /** Deeplearning4j's object; the caller leaves it as it is. */
    public DataNormalization normalizer() {
        return normalizer;
    }

    /** Whether it changes labels, too. */
    public boolean isOfLabels() {
        return normalizer.isFitLabel();
    }

    /**
     * What the brightest pixel of a picture is to it. The file of {@code IMAGE_MIN_MAX} says so; the others were fitted to bytes (255) where
     * they have numbers that are larger than any that parts of 1 lead to, and to parts of 1 otherwise.
     */
    public double brightest() {
        return type == NormalizerType.IMAGE_MIN_MAX ? largest : largest > PARTS ? BYTES : 1;
    }

    /** SHA-256 of its bytes. */
    public String digest() {
        return Sha256.hex(bytes);
    }

    /**
     * Checks that it takes examples like this one.
     *
     * @param example shape without the batch's dimension; the first is that of columns or channels, as to Deeplearning4j
     * @throws IllegalArgumentException if it was fitted to others
     */
    public void requireFits(long... example) {
        if (columns > 0 && example[0] != columns) {
            throw new IllegalArgumentException("the normalizer in the model's file has numbers for " + columns
                    + " columns or channels, an example is " + Arrays.toString(example));
        }
    }

    byte[] bytes() {
        return bytes;
    }

    /** Which kind, and how wide. */
    @Override
    public String toString() {
        return type + (columns > 0 ? " of " + columns + " columns" : "");
    }
}
