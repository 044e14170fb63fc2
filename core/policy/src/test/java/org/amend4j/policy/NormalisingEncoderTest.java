/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalisingEncoderTest {

    private static final int SIZE = 3;

    /**
     * By their definition: mean and variance of all observations and, with the weight 1e-4, of a beginning with mean 0 and
     * variance 1. Sums of hundreds of numbers of order 1 differ by rounding, 1e-13.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void statisticsAreThoseOfAllObservations(long seed) {
        double[] all = ApproximatorLaws.normal(200 * SIZE, seed);
        for (int i = 0; i < all.length; i++) {
            all[i] = 5 + 2 * all[i];
        }
        NormalisingEncoder encoder = new NormalisingEncoder(SIZE);
        int at = 0;
        for (int n : new int[] {1, 7, 92, 100}) {
            encoder.learn(Arrays.copyOfRange(all, at * SIZE, (at + n) * SIZE));
            at += n;
        }
        double[] statistics = encoder.statistics();
        double total = 200 + 1e-4;
        assertEquals(total, statistics[0], 1e-10);
        for (int i = 0; i < SIZE; i++) {
            double mean = 0;
            for (int row = 0; row < 200; row++) {
                mean += all[row * SIZE + i] / total;
            }
            double variance = 1e-4 * (1 + mean * mean) / total;
            for (int row = 0; row < 200; row++) {
                variance += Math.pow(all[row * SIZE + i] - mean, 2) / total;
            }
            assertEquals(mean, statistics[1 + i], 1e-12);
            assertEquals(variance, statistics[1 + SIZE + i], 1e-11);
        }
    }

    @Test
    void rowsAreStandardisedAndCutOff() {
        NormalisingEncoder encoder = new NormalisingEncoder(2);
        encoder.setStatistics(new double[] {10, 1, -2, 4, 0});
        double[] row = new double[3];
        encoder.encode(new double[] {4, -2.5}, row, 1);
        assertEquals(0, row[0]);
        assertEquals(3 / Math.sqrt(4 + 1e-8), row[1]);
        assertEquals(-10, row[2], "0.5 / 1e-4 is far beyond 10");
    }

    @Test
    void statisticsOnlyMoveWhenTold() {
        NormalisingEncoder encoder = new NormalisingEncoder(1);
        double[] before = encoder.statistics();
        encoder.encode(new double[] {100}, new double[1], 0);
        assertArrayEquals(before, encoder.statistics());
        encoder.learn(new double[] {100});
        assertTrue(encoder.statistics()[0] > before[0]);
    }

    @Test
    void exportedStatisticsAreAllThereIs() {
        NormalisingEncoder encoder = new NormalisingEncoder(2);
        encoder.learn(ApproximatorLaws.normal(20, 1));
        NormalisingEncoder copy = new NormalisingEncoder(2);
        copy.setStatistics(encoder.statistics());
        encoder.learn(ApproximatorLaws.normal(10, 2));
        copy.learn(ApproximatorLaws.normal(10, 2));
        assertArrayEquals(encoder.statistics(), copy.statistics());
    }

    @Test
    void wrongStatisticsAreRefused() {
        NormalisingEncoder encoder = new NormalisingEncoder(1);
        double[] before = encoder.statistics();
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(new double[2]));
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(new double[] {0, 0, 1}));
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(new double[] {1, Double.NaN, 1}));
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(new double[] {1, 0, -1}));
        assertThrows(IllegalArgumentException.class, () -> new NormalisingEncoder(0));
        assertArrayEquals(before, encoder.statistics());
    }
}
