/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Reference values in JSON beside a test; the README beside them says where they come from. */
public final class GoldenJson {

    private GoldenJson() {}

    /** Reads a resource of the test's package. */
    public static JsonNode read(Class<?> test, String name) {
        try (InputStream in = Objects.requireNonNull(test.getResourceAsStream(name), name)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An array of numbers. */
    public static double[] numbers(JsonNode array) {
        double[] result = new double[array.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = array.get(i).doubleValue();
        }
        return result;
    }

    /** An array of flags, 0 or 1. */
    public static boolean[] flags(JsonNode array) {
        boolean[] result = new boolean[array.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = array.get(i).intValue() == 1;
        }
        return result;
    }

    /** An array of rows. */
    public static double[][] matrix(JsonNode rows) {
        double[][] result = new double[rows.size()][];
        for (int i = 0; i < result.length; i++) {
            result[i] = numbers(rows.get(i));
        }
        return result;
    }
}
