/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.amend4j.safetensors.SafetensorsFile;

/**
 * Pictures of clothes as few numbers each: coordinates of what a pretrained MobileNetV2 makes of them, in which the kinds lie
 * apart. The examples bring them as a file.
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

    private static final String RESOURCE = "/org/amend4j/app/clothes/coordinates.safetensors";

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

    private static double[][] matrix(double[] flat) {
        double[][] rows = new double[flat.length / WIDTH][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * WIDTH, (i + 1) * WIDTH));
        return rows;
    }

    private static int[] integers(double[] numbers) {
        return Arrays.stream(numbers).mapToInt(number -> (int) number).toArray();
    }
}
