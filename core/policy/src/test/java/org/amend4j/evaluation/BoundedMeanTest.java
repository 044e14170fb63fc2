/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedMeanTest {

    /**
     * 2,000 samples; a bound that errs in 5 % of them would have a chance of 1e-6 to err in more than 148. The twin, the normal
     * distribution's 1.645 standard errors, errs whenever what is rare was not seen.
     */
    @ParameterizedTest(name = "{0} numbers, largest with probability {1}")
    @CsvSource({"50, 0.5", "50, 0.01", "100, 0.001", "200, 0.05", "300, 0.003"})
    @OneIn(4)
    void boundsErrLessOftenThanTheySay(int count, double probability) {
        int tooHigh = 0;
        int tooLow = 0;
        int twin = 0;
        for (int seed = 0; seed < 2_000; seed++) {
            double[] numbers = numbers(count, probability, seed);
            tooHigh += BoundedMean.low(numbers, -1, 3, 0.05) > 4 * probability - 1 ? 1 : 0;
            tooLow += BoundedMean.high(numbers, -1, 3, 0.05) < 4 * probability - 1 ? 1 : 0;
            double mean = Arrays.stream(numbers).average().orElseThrow();
            double squares =
                    Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
            twin += mean + 1.645 * Math.sqrt(squares / count / (count - 1)) < 4 * probability - 1 ? 1 : 0;
        }
        assertTrue(tooHigh <= 148, tooHigh + " of 2000");
        assertTrue(tooLow <= 148, tooLow + " of 2000");
        if (count * probability < 2) {
            assertTrue(twin > 148, twin + " of 2000");
        }
    }

    private static double[] numbers(int count, double probability, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        return IntStream.range(0, count)
                .mapToDouble(i -> random.nextDouble() < probability ? 3 : -1)
                .toArray();
    }

    /** ln(1/α)/(c n) to first order: 3 is ln(1/0.05). */
    @Test
    void whereNothingWasSeenItIsTheRuleOfThree() {
        double high = BoundedMean.high(new double[1_000], 0, 1, 0.05);
        assertEquals(3.0 / 0.75 / 1_000, high, 0.02 * high);
        assertEquals(0, BoundedMean.low(new double[1_000], 0, 1, 0.05));
    }

    /** Uniform numbers, deviation 0.289: at most twice the normal distribution's 1.96 standard errors. */
    @Test
    void isNotMuchLongerThanTheNormalIntervalWhereNumbersVary() {
        SplitMix64 random = new SplitMix64(5);
        double[] numbers =
                IntStream.range(0, 10_000).mapToDouble(i -> random.nextDouble()).toArray();
        double width = BoundedMean.high(numbers, 0, 1, 0.025) - BoundedMean.low(numbers, 0, 1, 0.025);
        double normal = 2 * 1.96 * 0.289 / 100;
        assertTrue(width > normal && width < 2 * normal, width + " against " + normal);
        // a range that is a hundred times longer costs little, as variances are learned
        double longer = BoundedMean.high(numbers, -50, 50, 0.025) - BoundedMean.low(numbers, -50, 50, 0.025);
        assertTrue(longer < 6 * normal, longer + " against " + normal);
    }

    @Test
    void numbersOutsideAndTooFewAreRefused() {
        assertEquals(
                "numbers must be in [0.0, 1.0], got 1.5 (number 1)",
                assertThrows(IllegalArgumentException.class, () -> BoundedMean.low(new double[] {0, 1.5}, 0, 1, 0.05))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> BoundedMean.high(new double[1], 0, 1, 0.05));
        assertThrows(IllegalArgumentException.class, () -> BoundedMean.high(new double[2], 0, 1, 1));
        assertEquals(2, BoundedMean.low(new double[] {2, 2}, 2, 2, 0.05));
    }
}
