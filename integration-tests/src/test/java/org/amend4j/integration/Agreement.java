/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;

/** Two float computations of the same real numbers, compared as vectors. */
public final class Agreement {

    private Agreement() {}

    /**
     * How far two float computations of the same gradient may differ, relative to its norm. The longest chain has
     * 2·depth+2 large products (forward, output layer and back). Each has an error of at most γ_k·|x|·|W| with
     * γ_k = (k + 4)u, k = width (+4: adapter, bias and activation), u = 2⁻²⁴; |x|·|W| exceeds |xW| by about √k for
     * entries of random sign. Twice, because both computations round.
     */
    static double tolerance(LoraShape shape) {
        double k = shape.width() + 4;
        return 2 * (2 * shape.depth() + 2) * k * Math.ulp(1f) / 2 * Math.sqrt(k);
    }

    /** Asserts that {@code ‖actual − expected‖ <= tolerance·‖expected‖}. */
    public static void assertClose(String what, float[] expected, float[] actual, double tolerance) {
        assertEquals(expected.length, actual.length, what + ": length");
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += square((double) actual[i] - expected[i]);
            size += square(expected[i]);
        }
        double relative = difference == 0 ? 0 : Math.sqrt(difference / size);
        assertTrue(relative <= tolerance, what + ": relative difference " + relative + " > " + tolerance);
    }

    /** As {@link #assertClose(String, float[], float[], double)}, name by name; both must have the same names. */
    public static void assertClose(Map<String, float[]> expected, Map<String, float[]> actual, double tolerance) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, values) -> {
            assertClose(name, values, Objects.requireNonNull(actual.get(name)), tolerance);
        });
    }

    private static double square(double value) {
        return value * value;
    }
}
