/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rectifiers, written without comparisons, are exact. */
class RowMathTest {

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    /** Floats of every size up to 2²⁰, some of them 0 or next to high. */
    private static float[] values(long seed, float high) {
        Random random = new Random(seed);
        float[] x = new float[4096];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(60) - 41));
        }
        float[] edges = {0f, high, Math.nextUp(high), Math.nextDown(high), 2 * high, 3 * high, Math.nextUp(2 * high)};
        System.arraycopy(edges, 0, x, 0, edges.length);
        return x;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void reluIsTheMaximumWithZero(long seed) {
        float[] x = values(seed, 6);
        float[] expected = x.clone();
        for (int i = 0; i < x.length; i++) {
            expected[i] = Math.max(x[i], 0f);
        }
        RowMath.relu(x, x.length);
        assertArrayEquals(expected, x);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void capIsTheMinimum(long seed) {
        float high = seed % 2 == 0 ? 6 : new Random(seed).nextFloat() + 0.5f;
        float[] x = values(seed, high);
        RowMath.relu(x, x.length);
        float[] expected = x.clone();
        for (int i = 0; i < x.length; i++) {
            expected[i] = Math.min(x[i], high);
        }
        RowMath.cap(x, high, x.length);
        assertArrayEquals(expected, x);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void leakyScalesNegativeValuesAlone(long seed) {
        float[] x = values(seed, 6);
        float[] expected = x.clone();
        for (int i = 0; i < x.length; i++) {
            expected[i] = x[i] > 0 ? x[i] : 0.1f * x[i];
        }
        RowMath.leaky(x, 0.1f, x.length);
        for (int i = 0; i < x.length; i++) {
            expected[i] += 0f;
            x[i] += 0f;
        }
        assertArrayEquals(expected, x);
    }
}
