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
        assertThrows(IllegalArgumentException.class, () -> GaussianPrivacy.ofRelease(1, sigma));
    }
}
