/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.descent.ClothesFeatures;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Pictures of clothes as few numbers each: {@linkplain DiscriminantCoordinates coordinates} of what a pretrained MobileNetV2 makes
 * of them. The examples bring them as a file, which {@code unlearn clothes} computes anew.
 *
 * @param training [pictures, {@value #WIDTH}]; the first ones are those that the coordinates were fitted to
 * @param trainingKinds in [0, 10)
 * @param test [pictures, {@value #WIDTH}]
 * @param testKinds in [0, 10)
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record ClothesCoordinates(double[][] training, int[] trainingKinds, double[][] test, int[] testKinds) {

    /** Coordinates of a picture. */
    static final int WIDTH = 24;

    static final String FILE = "coordinates.safetensors";

    private static final String RESOURCE = "/org/amend4j/app/clothes/" + FILE;
    private static final double SHRINKAGE = 0.5;

    /**
     * Fitted to the first pictures.
     *
     * @param features [n, at least 24]
     * @param fitted how many they are fitted to, in [2, n)
     */
    static ClothesCoordinates of(
            double[][] features, int[] kinds, double[][] testFeatures, int[] testKinds, int fitted) {
        DiscriminantCoordinates coordinates = DiscriminantCoordinates.of(
                Arrays.copyOf(features, fitted), Arrays.copyOf(kinds, fitted), WIDTH, SHRINKAGE);
        return new ClothesCoordinates(all(coordinates, features), kinds, all(coordinates, testFeatures), testKinds);
    }

    /** Of a network's features, fitted to the public pictures. */
    public static ClothesCoordinates of(ClothesFeatures features) {
        return of(
                rows(features.training().getFeatures()),
                kinds(features.training().getLabels()),
                rows(features.test().getFeatures()),
                kinds(features.test().getLabels()),
                PrivateClothes.PUBLIC);
    }

    private static double[][] all(DiscriminantCoordinates coordinates, double[][] rows) {
        return Arrays.stream(rows).map(coordinates::of).toArray(double[][]::new);
    }

    /** Without the constant. */
    private static double[][] rows(INDArray features) {
        double[][] rows = features.toDoubleMatrix();
        Arrays.setAll(rows, i -> Arrays.copyOf(rows[i], ClothesFeatures.COUNT - 1));
        return rows;
    }

    private static int[] kinds(INDArray oneHot) {
        return oneHot.argMax(1).toIntVector();
    }

    /** Those that come with the examples, in single precision. */
    public static ClothesCoordinates read() throws IOException {
        Path copy = Files.createTempFile("amend4j-clothes", ".safetensors");
        try (InputStream in = ClothesCoordinates.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the resource " + RESOURCE + " is missing");
            }
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            try (SafetensorsFile file = SafetensorsFile.open(copy)) {
                return new ClothesCoordinates(
                        matrix(file.readDoubles("training")),
                        integers(file.readDoubles("trainingKinds")),
                        matrix(file.readDoubles("test")),
                        integers(file.readDoubles("testKinds")));
            }
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** Writes them in single precision. */
    void write(Path file) throws IOException {
        WholeFile.write(
                file,
                temporary -> SafetensorsWriter.write(
                        temporary,
                        Map.of("format", "amend4j clothes 1"),
                        List.of(
                                tensor("training", training),
                                tensor("trainingKinds", trainingKinds),
                                tensor("test", test),
                                tensor("testKinds", testKinds))));
    }

    private static TensorData tensor(String name, double[][] rows) {
        float[] flat = new float[rows.length * WIDTH];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / WIDTH][i % WIDTH];
        }
        return TensorData.ofFloats(name, List.of((long) rows.length, (long) WIDTH), flat);
    }

    private static TensorData tensor(String name, int[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers[i];
        }
        return TensorData.ofFloats(name, List.of((long) numbers.length), floats);
    }

    private static double[][] matrix(double[] flat) {
        double[][] rows = new double[flat.length / WIDTH][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * WIDTH, (i + 1) * WIDTH));
        return rows;
    }

    private static int[] integers(double[] numbers) {
        return Arrays.stream(numbers).mapToInt(number -> (int) number).toArray();
    }
}
