/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.backend.WeightStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What codes of blocks promise in {@link WeightStorage}. */
class BlockCodeTest {

    private static final int BLOCK = WeightStorage.BLOCK;

    /** bitsandbytes' table, as arXiv 2305.14314 prints it in its appendix E. */
    private static final double[] PUBLISHED = {
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0
    };

    private static float[] decoded(WeightStorage storage, float... block) {
        BlockCode code = BlockCode.of(storage);
        int[] words = new int[storage.wordsOfBlock() + 2];
        float scale = code.encode(block, 0, words, 1);
        assertEquals(0, words[0]);
        assertEquals(0, words[words.length - 1], "a code stays within its words");
        float[] back = new float[BLOCK];
        code.decode(words, 1, scale, back, 0);
        return back;
    }

    private static float[] normal(Random random, double size) {
        float[] block = new float[BLOCK];
        for (int k = 0; k < BLOCK; k++) {
            block[k] = (float) (size * random.nextGaussian());
        }
        return block;
    }

    /** The bounds of WeightStorage's documentation. */
    private static double bound(WeightStorage storage, double value, double largest) {
        return switch (storage) {
            case FP32 -> 0;
            case BF16 -> 0x1p-8 * Math.abs(value);
            case INT8 -> (1.0 / 254 + 0x1p-22) * largest;
            case NF4 -> 0.152 * largest;
        };
    }

    @ParameterizedTest
    @EnumSource(value = WeightStorage.class, mode = Mode.EXCLUDE, names = "FP32")
    void a_decoded_number_errs_by_no_more_than_its_storage_says(WeightStorage storage) {
        Random random = new Random(3);
        double worst = 0;
        for (int round = 0; round < 2000; round++) {
            float[] block = normal(random, Math.scalb(1.0, round % 100 - 50));
            float[] back = decoded(storage, block);
            double largest = BlockCode.largestMagnitude(block, 0);
            for (int k = 0; k < BLOCK; k++) {
                double error = Math.abs((double) back[k] - block[k]);
                double bound = bound(storage, block[k], largest);
                assertTrue(error <= bound, block[k] + " became " + back[k] + " in " + storage);
                worst = Math.max(worst, error / bound);
            }
        }
        assertTrue(worst > 0.9, "the bound of " + storage + " is too wide: " + worst);
    }

    @ParameterizedTest
    @EnumSource(value = WeightStorage.class, mode = Mode.EXCLUDE, names = "FP32")
    void decoded_numbers_are_kept_as_they_are(WeightStorage storage) {
        Random random = new Random(4);
        for (int round = 0; round < 100; round++) {
            float[] once = decoded(storage, normal(random, 1));
            float[] twice = decoded(storage, once);
            // a scale of int8 is made of its largest number by two roundings
            float within = storage == WeightStorage.INT8 ? 0x1p-22f * BlockCode.largestMagnitude(once, 0) : 0;
            assertArrayEquals(once, twice, within, storage + "");
        }
    }

    @ParameterizedTest
    @EnumSource(value = WeightStorage.class, mode = Mode.EXCLUDE, names = "FP32")
    void zeros_stay_zeros_and_the_largest_stays_itself(WeightStorage storage) {
        assertArrayEquals(new float[BLOCK], decoded(storage, new float[BLOCK]));
        float[] one = new float[BLOCK];
        one[5] = -0.75f;
        one[BLOCK - 1] = 0.75f;
        assertArrayEquals(one, decoded(storage, one), 0x1p-23f);
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightStorage.class,
            names = {"INT8", "NF4"})
    void blocks_of_numbers_that_are_nearly_nothing_become_zeros(WeightStorage storage) {
        float[] tiny = new float[BLOCK];
        Arrays.fill(tiny, 0x1p-120f);
        assertArrayEquals(new float[BLOCK], decoded(storage, tiny));
    }

    @Test
    void ties_of_bf16_go_to_even() {
        float[] block = new float[BLOCK];
        block[0] = 1 + 0x1p-8f;
        block[1] = 1 + 3 * 0x1p-8f;
        block[2] = -block[0];
        block[3] = Math.nextUp(block[0]);
        float[] back = decoded(WeightStorage.BF16, block);
        assertArrayEquals(new float[] {1, 1 + 0x1p-6f, -1, 1 + 0x1p-7f}, Arrays.copyOf(back, 4));
    }

    @Test
    void the_levels_of_nf4_are_those_that_qlora_published() {
        float[] levels = QuantileCode.levels();
        assertEquals(PUBLISHED.length, levels.length);
        for (int k = 0; k < levels.length; k++) {
            assertEquals((float) PUBLISHED[k], levels[k], "level " + k);
        }
    }

    /** 8 quantiles above and 7 below 0 between p and 1/2, divided by the outermost. */
    @Test
    void the_levels_of_nf4_are_quantiles_of_the_normal_distribution() {
        double outermost = 1 - (1.0 / 32 + 1.0 / 30) / 2;
        double most = quantile(outermost);
        float[] levels = QuantileCode.levels();
        for (int k = 0; k < 8; k++) {
            assertEquals(quantile(outermost + (0.5 - outermost) * k / 8) / most, levels[15 - k], 1e-6);
        }
        for (int k = 0; k < 7; k++) {
            assertEquals(-quantile(outermost + (0.5 - outermost) * k / 7) / most, levels[k], 1e-6);
        }
        assertEquals(0, levels[7]);
    }

    /** By halving, of the integral by Simpson's rule. */
    private static double quantile(double probability) {
        double low = 0;
        double high = 4;
        for (int round = 0; round < 60; round++) {
            double middle = (low + high) / 2;
            if (0.5 + integral(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double integral(double to) {
        int steps = 400;
        double sum = 0;
        for (int k = 0; k <= steps; k++) {
            double x = to * k / steps;
            int weight = k == 0 || k == steps ? 1 : 2 + 2 * (k % 2);
            sum += weight * Math.exp(-x * x / 2);
        }
        return sum * to / steps / 3 / Math.sqrt(2 * Math.PI);
    }

    @Test
    void memory_of_a_billion_numbers() {
        assertEquals(4_000_000_000L, WeightStorage.FP32.bytes(1_000_000_000));
        assertEquals(2_000_000_000L, WeightStorage.BF16.bytes(1_000_000_000));
        assertEquals(1_062_500_000L, WeightStorage.INT8.bytes(1_000_000_000));
        assertEquals(562_500_000L, WeightStorage.NF4.bytes(1_000_000_000));
    }

    @Test
    void single_precision_is_no_code() {
        assertThrows(IllegalArgumentException.class, () -> BlockCode.of(WeightStorage.FP32));
    }
}
