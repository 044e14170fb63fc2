/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.amend4j.random.RandomBytes;
import org.apache.commons.numbers.gamma.RegularizedGamma;
import org.junit.jupiter.api.Test;

class SecureGaussianTest {

    private static final GaussianGrid GRID = GaussianGrid.of(0.0807, 10);

    private static double[] parameters(int n) {
        double[] parameters = new double[n];
        Arrays.setAll(parameters, i -> 10 * Math.sin(i));
        return parameters;
    }

    @Test
    void everyReleasedNumberIsOnTheGrid() {
        for (double released : new SecureGaussian(new Seeded(1)).release(parameters(2000), GRID)) {
            double units = released / GRID.step();
            assertEquals(Math.rint(units), units);
        }
    }

    @Test
    void theGivenParametersAreNotTouched() {
        double[] given = parameters(50);
        new SecureGaussian(new Seeded(1)).release(given, GRID);
        assertArrayEquals(parameters(50), given);
    }

    @Test
    void twoReleasesNeverShareNoise() {
        SecureGaussian first = new SecureGaussian();
        double[] parameters = parameters(20);
        double[] one = first.release(parameters, GRID);
        double[] two = first.release(parameters, GRID);
        double[] three = new SecureGaussian().release(parameters, GRID);
        for (int i = 0; i < one.length; i++) {
            // Two of 60 draws agree with probability below 1e-8.
            assertTrue(one[i] != two[i] && one[i] != three[i] && two[i] != three[i]);
        }
    }

    /** Sum of squares over σ² is chi-square with n degrees; false alarm 1e-9, on unseeded noise as it is released. */
    @Test
    void theReleasedNoiseHasItsSigma() {
        assertTrue(energyPValue(0.0807) > 1e-9);
    }

    /** The twin: σ/2 is noticed. */
    @Test
    void halfTheSigmaIsNoticed() {
        assertTrue(energyPValue(0.0807 / 2) < 1e-9);
    }

    private static double energyPValue(double sigma) {
        int n = 5000;
        double[] parameters = parameters(n);
        double[] released = new SecureGaussian().release(parameters, GaussianGrid.of(sigma, 10));
        double energy = 0;
        for (int i = 0; i < n; i++) {
            energy += Math.pow((released[i] - parameters[i]) / 0.0807, 2);
        }
        return 2
                * Math.min(
                        RegularizedGamma.P.value(n / 2.0, energy / 2), RegularizedGamma.Q.value(n / 2.0, energy / 2));
    }

    @Test
    void aRefusalDrawsNothing() {
        Seeded source = new Seeded(1);
        SecureGaussian gaussian = new SecureGaussian(source);
        double[] parameters = parameters(20);
        parameters[19] = Double.NaN;
        assertThrows(ArithmeticException.class, () -> gaussian.release(parameters, GRID));
        assertEquals(0, source.drawn());
    }

    /** Where the sum is above 2^53 steps it is rounded to a double, after the noise: nothing overflows, nothing leaks. */
    @Test
    void theBoundItselfCanBeReleased() {
        GaussianGrid grid = new GaussianGrid(0, 1L << 45, Math.nextDown(0x1p53));
        double[] released = new SecureGaussian(new Seeded(3)).release(new double[] {grid.bound(), -grid.bound()}, grid);
        assertEquals(grid.bound(), released[0], 0x1p45 * 10);
        assertEquals(-grid.bound(), released[1], 0x1p45 * 10);
    }

    @Test
    void secureBytesAreNotRepeatedAcrossBlocks() {
        RandomBytes bytes = RandomBytes.secure();
        byte[] one = new byte[5000];
        byte[] two = new byte[5000];
        bytes.fill(one);
        bytes.fill(two);
        assertFalse(Arrays.equals(one, two));
        int[] counts = new int[256];
        for (byte b : one) {
            counts[b & 0xff]++;
        }
        double statistic = 0;
        for (int count : counts) {
            statistic += Math.pow(count - 5000 / 256.0, 2) / (5000 / 256.0);
        }
        // A wiped or skipped block would be a run of zeros; false alarm 1e-9.
        assertTrue(RegularizedGamma.Q.value(255 / 2.0, statistic / 2) > 1e-9);
    }
}
