/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.GoldenJson;

/** Comparisons whose tolerance is relative to max(1, size of the expected), as the data's notes say. */
final class Close {

    private Close() {}

    static void to(double expected, double actual, double relative) {
        assertEquals(expected, actual, relative * Math.max(1, Math.abs(expected)));
    }

    static void to(double[] expected, double[] actual, double relative) {
        assertEquals(expected.length, actual.length);
        double size = Matrices.size(new double[][] {expected});
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(expected[i], actual[i], relative * Math.max(1, size), () -> "element " + at);
        }
    }

    static void to(double[][] expected, double[][] actual, double relative) {
        to(flat(expected), flat(actual), relative);
    }

    static void toNumber(JsonNode expected, double actual, double relative) {
        to(expected.doubleValue(), actual, relative);
    }

    static void toNumbers(JsonNode expected, double[] actual, double relative) {
        to(GoldenJson.numbers(expected), actual, relative);
    }

    static void toMatrix(JsonNode expected, double[][] actual, double relative) {
        to(GoldenJson.matrix(expected), actual, relative);
    }

    static double[] flat(double[][] matrix) {
        double[] result = new double[matrix.length * matrix[0].length];
        for (int i = 0; i < result.length; i++) {
            result[i] = matrix[i / matrix[0].length][i % matrix[0].length];
        }
        return result;
    }

    static double norm(double[] x) {
        return Math.sqrt(Matrices.dot(x, x));
    }
}
