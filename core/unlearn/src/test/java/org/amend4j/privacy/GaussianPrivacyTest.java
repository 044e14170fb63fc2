/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GaussianPrivacyTest {

    @ParameterizedTest
    @CsvSource({"1, 1.00", "2, 1.47", "5, 2.44", "10, 3.62", "50, 9.36"})
    void repeatedReleasesCostWhatTheLiteratureSays(int releases, double epsilon) {
        GaussianPrivacy one = new GaussianPrivacy(GaussianMechanism.mu(new PrivacyBudget(1, 1e-5)));
        GaussianPrivacy all = GaussianPrivacy.composed(Collections.nCopies(releases, one));
        assertEquals(epsilon, all.epsilon(1e-5), 0.005);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void compositionIsTheRootOfTheSumOfSquaresRoundedUp(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<GaussianPrivacy> releases = new ArrayList<>();
        BigDecimal squares = BigDecimal.ZERO;
        for (int i = 0; i < 1000; i++) {
            // Squares of the smallest would underflow if they were formed.
            double mu = Math.pow(10, random.nextDouble(seed == 4 ? -250 : -6, seed == 4 ? -240 : 2));
            releases.add(new GaussianPrivacy(mu));
            squares = squares.add(new BigDecimal(mu).pow(2));
            BigDecimal composed =
                    new BigDecimal(GaussianPrivacy.composed(releases).mu());
            assertTrue(composed.pow(2).compareTo(squares) >= 0);
            // Each step rounds up by at most three units of 2^-52.
            BigDecimal most = squares.sqrt(MathContext.DECIMAL128).multiply(new BigDecimal(1 + 3e-16 * 3 * (i + 1)));
            assertTrue(composed.compareTo(most) <= 0);
        }
    }

    @Test
    void exactReleasesCostNothing() {
        GaussianPrivacy noisy = new GaussianPrivacy(0.3);
        assertEquals(noisy, GaussianPrivacy.composed(List.of(GaussianPrivacy.EXACT, noisy, GaussianPrivacy.EXACT)));
        assertEquals(GaussianPrivacy.EXACT, GaussianPrivacy.composed(List.of()));
        assertEquals(GaussianPrivacy.EXACT, new GaussianPrivacy(-0.0));
        assertEquals(0, GaussianPrivacy.EXACT.epsilon(1e-300));
        assertTrue(GaussianPrivacy.EXACT.within(new PrivacyBudget(0, 1e-300)));
    }

    /** 2Φ(μ/2) - 1 = μ/√(2π)·(1 - μ²/24 + ...): for these μ the first term has all digits of a double. */
    @ParameterizedTest
    @CsvSource({"1e-6, 3.9894228040143e-7", "1e-9, 3.9894228040143e-10", "9.99e-6, 3.98543338e-6", "1e-200, 1e-200"})
    void fromTheTotalVariationOnDeltaSufficesAlone(double mu, double below) {
        GaussianPrivacy privacy = new GaussianPrivacy(mu);
        BigDecimal variation = new BigDecimal(mu).multiply(new BigDecimal("0.398942280401432677939946059934382"));
        double delta = variation.doubleValue() * (1 + 1e-15);
        assertEquals(0, privacy.epsilon(delta));
        assertEquals(0, privacy.epsilon(1e-5));
        // below it something is told, and what is said is not less than the truth, which grows with μ
        double epsilon = privacy.epsilon(Math.min(below, variation.doubleValue() * (1 - 1e-9)));
        assertTrue(epsilon > 0);
        assertEquals(new GaussianPrivacy(1e-5).epsilon(Math.min(below, variation.doubleValue() * (1 - 1e-9))), epsilon);
    }

    @Test
    void epsilonGrowsWithTheDistanceAlsoWhereItsFormulaBegins() {
        for (double delta : new double[] {1e-300, 1e-12, 1e-7, 3e-6, 1e-5}) {
            double last = 0;
            for (double mu = 1e-8; mu < 1e-3; mu *= 1.1) {
                double epsilon = new GaussianPrivacy(mu).epsilon(delta);
                assertTrue(epsilon >= last, mu + " at " + delta);
                last = epsilon;
            }
        }
    }

    @Test
    void aReleaseIsWithinTheBudgetItsNoiseWasMadeFor() {
        PrivacyBudget budget = new PrivacyBudget(0.5, 1e-6);
        double sigma = GaussianMechanism.sigma(0.017, budget);
        assertTrue(GaussianPrivacy.ofRelease(0.017, sigma).within(budget));
        assertTrue(!GaussianPrivacy.ofRelease(0.017, sigma * (1 - 4e-9)).within(budget));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-300, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleDistancesAreRefused(double mu) {
        assertThrows(IllegalArgumentException.class, () -> new GaussianPrivacy(mu));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleNoiseIsRefused(double sigma) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> GaussianPrivacy.ofRelease(1, sigma));
        assertTrue(e.getMessage().startsWith("sigma must be"), e::getMessage);
    }

    @Test
    void theLeastDeltaWithoutEpsilonIsTheVariationRoundedUp() {
        double density = Math.nextUp(Math.nextUp(1 / Math.sqrt(2 * Math.PI)));
        for (double mu = 1e-8; mu < 9e-6; mu *= 1.7) {
            double variation = Math.nextUp(Math.nextUp(mu * density));
            assertEquals(0, new GaussianPrivacy(mu).epsilon(variation));
            assertTrue(new GaussianPrivacy(mu).epsilon(Math.nextDown(variation)) > 0);
        }
    }

    /** Its error bound, 1.2e-10 of ln δ here, is more than a δ just above the total variation leaves. */
    @Test
    void fromTheLeastDistanceOfTheFormulaOnEpsilonIsTheFormulas() {
        GaussianPrivacy least = new GaussianPrivacy(GaussianMechanism.MIN_MU);
        double delta = 3.98942280401e-6 * (1 + 1e-11);
        assertTrue(least.epsilon(delta) > 0);
        assertEquals(GaussianMechanism.epsilon(GaussianMechanism.MIN_MU, delta), least.epsilon(delta));
    }
}
