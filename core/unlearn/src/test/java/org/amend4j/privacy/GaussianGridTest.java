/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.apache.commons.numbers.gamma.ErfDifference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GaussianGridTest {

    @ParameterizedTest
    @CsvSource({
        "0.0807, 10, 40",
        "1, 1, 40",
        "1.9999, 8191, 40",
        "1, 8192, 39",
        "3e-7, 5, 28",
        "1e-9, 4, 20",
        "1e200, 1, 40"
    })
    void theGridIsTheFinestThatReachesTheBound(double sigma, double bound, int bits) {
        GaussianGrid grid = GaussianGrid.of(sigma, bound);
        assertEquals(Math.getExponent(sigma) - bits, grid.exponent());
        assertTrue(bound / grid.step() < 0x1p53);
        assertTrue(bits == 40 || bound / (grid.step() / 2) >= 0x1p53);
        assertTrue(grid.units() >= 1L << bits && grid.units() <= 1L << (bits + 1));
        // σ is rounded up, by less than a step.
        assertTrue(grid.sigma() >= sigma && grid.sigma() < sigma + grid.step());
    }

    @ParameterizedTest
    @CsvSource({"1e-9, 16", "1, 1e17", "1e-300, 1e-290", "1e300, 1"})
    void whatDoublesCannotCarryIsRefused(double sigma, double bound) {
        assertThrows(ArithmeticException.class, () -> GaussianGrid.of(sigma, bound));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleArgumentsAreRefused(double value) {
        assertThrows(IllegalArgumentException.class, () -> GaussianGrid.of(value, 1));
        assertThrows(IllegalArgumentException.class, () -> GaussianGrid.of(1, value));
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(-40, 1L << 40, value));
    }

    @Test
    void impossibleGridsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(-1023, 1L << 40, 1e-300));
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(901, 1L << 40, 1));
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(-40, (1L << 20) - 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(-40, (1L << 45) + 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new GaussianGrid(-40, 1L << 40, 8192));
        GaussianGrid grid = GaussianGrid.of(1, 1);
        assertThrows(IllegalArgumentException.class, () -> grid.sensitivityTerm(0));
        assertThrows(IllegalArgumentException.class, () -> grid.deltaTerm(1, 0));
    }

    /** Against decimal arithmetic, which represents every double and every power of two exactly. */
    @ParameterizedTest
    @CsvSource({"0.0807, 10, 1", "1e-9, 4, 2", "1e-290, 1e-289, 3", "1e250, 1e251, 4"})
    void roundingGoesToTheNearestGridPointAndBackExactly(double sigma, double bound, long seed) {
        GaussianGrid grid = GaussianGrid.of(sigma, bound);
        SplittableRandom random = new SplittableRandom(seed);
        BigDecimal step = new BigDecimal(grid.step());
        // a power of two as well; dividing by the step takes a thousand times as long
        BigDecimal stepsPerUnit = new BigDecimal(1 / grid.step());
        double[] parameters = new double[200];
        for (int i = 0; i < parameters.length; i++) {
            // Ties are at odd multiples of half a step.
            parameters[i] = i % 4 == 0
                    ? (random.nextInt(2000) - 1000 + 0.5) * grid.step()
                    : bound * random.nextDouble(-1, 1) * Math.pow(2, -random.nextInt(60));
        }
        parameters[1] = bound;
        parameters[2] = -bound;
        parameters[3] = -Double.MIN_VALUE;
        long[] onGrid = grid.toGrid(parameters);
        for (int i = 0; i < parameters.length; i++) {
            BigDecimal exact =
                    new BigDecimal(parameters[i]).multiply(stepsPerUnit).setScale(0, RoundingMode.HALF_EVEN);
            assertEquals(exact.longValueExact(), onGrid[i]);
            assertEquals(0, exact.multiply(step).compareTo(new BigDecimal(grid.fromGrid(onGrid[i]))));
        }
    }

    /** Rounding moves a difference by at most g√d, and by nearly that in the worst case. */
    @Test
    void theSensitivityTermBoundsWhatRoundingAddsAndIsNearlyAttained() {
        GaussianGrid grid = GaussianGrid.of(0.3, 4);
        int d = 37;
        double[] one = new double[d];
        double[] two = new double[d];
        for (int i = 0; i < d; i++) {
            one[i] = 0.5001 * grid.step();
            two[i] = -0.5001 * grid.step();
        }
        double before = 1.0002 * grid.step() * Math.sqrt(d);
        double after = grid.step() * distance(grid.toGrid(one), grid.toGrid(two));
        assertTrue(after <= before + grid.sensitivityTerm(d));
        assertTrue(after >= before + 0.999 * grid.sensitivityTerm(d));
    }

    private static double distance(long[] one, long[] two) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += (double) (one[i] - two[i]) * (one[i] - two[i]);
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 123.25, -123.25})
    void parametersOutsideAreRefusedByPlaceAndNotByValue(double value) {
        GaussianGrid grid = GaussianGrid.of(0.3, 4);
        Exception e = assertThrows(ArithmeticException.class, () -> grid.toGrid(new double[] {0, value, 0}));
        assertTrue(e.getMessage().contains("parameter 1 of 3"), e::getMessage);
        assertFalse(e.getMessage().contains(Double.toString(value)), e::getMessage);
    }

    /** The distance between the discrete Gaussian and the rounded continuous one, summed up, times σ². */
    @ParameterizedTest
    @ValueSource(ints = {8, 32, 128})
    void theConstantOfTheDiscretenessBoundHolds(int sigma) {
        double total = 0;
        for (int k = -12 * sigma; k <= 12 * sigma; k++) {
            total += Math.exp(-0.5 * k * k / ((double) sigma * sigma));
        }
        double variation = 0;
        for (int k = -12 * sigma; k <= 12 * sigma; k++) {
            double rounded = probability((k - 0.5) / sigma, (k + 0.5) / sigma);
            variation += Math.abs(rounded - Math.exp(-0.5 * k * k / ((double) sigma * sigma)) / total) / 2;
        }
        double constant = variation * sigma * sigma;
        // The bound is 0.0202; φ(1)/12 = 0.020164 is approached from below.
        assertTrue(constant < 0.0202 && constant > 0.019, () -> "constant " + constant);
    }

    private static double probability(double from, double to) {
        return ErfDifference.value(from / Math.sqrt(2), to / Math.sqrt(2)) / 2;
    }

    @Test
    void discretenessCostsWhatItsFormulaSays() {
        GaussianGrid grid = new GaussianGrid(-40, 1L << 40, 8);
        double expected = (1 + Math.E) * 1000 * 0.0202 * 0x1p-80;
        assertEquals(expected, grid.deltaTerm(1, 1000), 1e-13 * expected);
        assertTrue(grid.deltaTerm(1, 1000) >= expected);
        assertEquals(Double.POSITIVE_INFINITY, grid.deltaTerm(1000, 1));
    }

    @Test
    void theEndsOfTheRangesAreCarried() {
        assertEquals(Math.scalb(0x1p20, -1022), new GaussianGrid(-1022, 1L << 20, 1e-300).sigma());
        assertEquals(0x1p945, new GaussianGrid(900, 1L << 45, 1).sigma());
        assertEquals(-1022, GaussianGrid.of(0x1p-982, 1e-300).exponent());
        assertEquals(900, GaussianGrid.of(0x1p940, 1).exponent());
    }
}
