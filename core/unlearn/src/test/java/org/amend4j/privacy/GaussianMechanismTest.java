/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GaussianMechanismTest {

    /** The table's 16 digits are good to half a unit of the last, which is at most 5e-16 relatively. */
    private static final double TABLE = 1e-15;

    record Row(PrivacyBudget budget, double mu, double sigma, double classic) {}

    static List<Row> table() {
        return References.rows("analytic_gaussian.csv").stream()
                .map(r -> new Row(
                        new PrivacyBudget(Double.parseDouble(r[0]), Double.parseDouble(r[1])),
                        Double.parseDouble(r[2]),
                        Double.parseDouble(r[3]),
                        r[4].isEmpty() ? Double.NaN : Double.parseDouble(r[4])))
                .toList();
    }

    static Stream<Row> rows() {
        return table().stream();
    }

    @Test
    void theTableHasItsRows() {
        assertEquals(98, table().size());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void sigmaIsTheLeastRoundedUpByAtMostTwoBillionths(Row row) {
        double sigma = GaussianMechanism.sigma(1, row.budget());
        assertTrue(sigma >= row.sigma() * (1 - TABLE), () -> sigma + " is below " + row.sigma());
        assertTrue(sigma <= row.sigma() * (1 + 2e-9), () -> sigma + " is far above " + row.sigma());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void sigmaKeepsItsBudgetAndALittleLessDoesNot(Row row) {
        PrivacyBudget budget = row.budget();
        double mu =
                GaussianPrivacy.ofRelease(1, GaussianMechanism.sigma(1, budget)).mu();
        assertTrue(GaussianMechanism.delta(mu, budget.epsilon()) <= budget.delta());
        assertTrue(GaussianMechanism.epsilon(mu, budget.delta()) <= budget.epsilon());
        // 4e-9 more μ is 2e-9 above the largest allowed: not even the formula's error bound excuses it.
        double more = mu * (1 + 4e-9);
        double lnDelta = GaussianMechanism.lnDelta(more, budget.epsilon());
        assertTrue(lnDelta - GaussianMechanism.lnDeltaError(more, lnDelta) > Math.log(budget.delta()));
        if (budget.epsilon() > 0) {
            assertTrue(GaussianMechanism.epsilon(more, budget.delta()) > budget.epsilon());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void epsilonOfTheTablesMuIsTheTablesEpsilonRoundedUp(Row row) {
        double epsilon = row.budget().epsilon();
        double found =
                GaussianMechanism.epsilon(row.mu() * (1 + TABLE), row.budget().delta());
        assertTrue(found >= epsilon, () -> found + " is below " + epsilon);
        if (epsilon > 0) {
            assertEquals(epsilon, found, 1e-9 * epsilon);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, -2.06406644650",
        "0.2, 1, -17.8584208366",
        "0.05, 0.1, -7.71476150813",
        "0.01, 1, -5014.23476148",
        "5, 5, -0.106842076836",
        "10, 100, -15.4869744163",
        "34, 600, -1.38843618498",
        "100, 1e4, -1255.23700388",
        "20, 0, -1.52397060483e-23"
    })
    void lnDeltaHasItsKnownValues(double mu, double epsilon, double expected) {
        assertEquals(expected, GaussianMechanism.lnDelta(mu, epsilon), 1e-11 * Math.abs(expected));
    }

    @Test
    void lnDeltaErrsByAFourthOfItsBoundAtMost() {
        List<String[]> rows = References.rows("ln_delta.csv");
        assertEquals(139, rows.size());
        assertAll(rows.stream().map(row -> () -> {
            double mu = Double.parseDouble(row[0]);
            double expected = Double.parseDouble(row[2]);
            double lnDelta = GaussianMechanism.lnDelta(mu, Double.parseDouble(row[1]));
            assertEquals(
                    expected, lnDelta, GaussianMechanism.lnDeltaError(mu, lnDelta) / 4, () -> String.join(", ", row));
        }));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-3, 1, 30, 1e4, 1e6})
    void lnDeltaIncreasesWithDistance(double epsilon) {
        double before = Double.NEGATIVE_INFINITY;
        for (double mu = 1e-5; mu <= 1e3; mu *= 1.25) {
            double lnDelta = GaussianMechanism.lnDelta(mu, epsilon);
            double at = mu;
            assertTrue(
                    Double.isFinite(lnDelta) && lnDelta >= before && lnDelta <= 0,
                    () -> "mu " + at + " epsilon " + epsilon + ": " + lnDelta);
            before = lnDelta;
        }
    }

    @ParameterizedTest
    @CsvSource({"5.5, 1, 0.1", "7.25, 1, 1e-3", "8.25, 1, 1e-5", "8.5, 1, 1e-6", "9.25, 1, 1e-8", "9.75, 1, 1e-10"})
    void theClassicFormulaIsWastefulAtFirstAndInvalidHalfAUnitOfEpsilonLater(
            double epsilon, double unit, double delta) {
        double wasteful = unit / GaussianMechanism.classicFactor(epsilon, delta);
        assertTrue(GaussianMechanism.delta(wasteful, epsilon) < delta);
        double invalid = unit / GaussianMechanism.classicFactor(epsilon + 0.5, delta);
        assertTrue(GaussianMechanism.lnDelta(invalid, epsilon + 0.5) > Math.log(delta) + 1e-6);
    }

    @Test
    void theClassicFormulaIsTheTablesWhereItIsProvedAndRefusedWhereNot() {
        for (Row row : table()) {
            double epsilon = row.budget().epsilon();
            if (epsilon > 0 && epsilon <= 1) {
                double classic = GaussianMechanism.classicSigma(1, row.budget());
                assertEquals(row.classic(), classic, 1e-14 * classic);
                assertTrue(classic > 1.03 * row.sigma());
            } else {
                assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.classicSigma(1, row.budget()));
            }
        }
    }

    @Test
    void sigmaIsProportionalToTheSensitivity() {
        PrivacyBudget budget = new PrivacyBudget(1, 1e-5);
        double one = GaussianMechanism.sigma(1, budget);
        for (int k = -900; k <= 900; k += 100) {
            assertEquals(Math.scalb(one, k), GaussianMechanism.sigma(Math.scalb(1.0, k), budget), Math.scalb(1e-15, k));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1e-9, 0.1, epsilon must be",
        "NaN, 0.1, epsilon must be",
        "Infinity, 0.1, epsilon must be",
        "100001, 0.1, epsilon must be",
        "1, 0, delta must be",
        "1, 1, delta must be",
        "1, 1e-301, delta must be",
        "1, -0.5, delta must be",
        "1, NaN, delta must be"
    })
    void impossibleBudgetsAreRefused(double epsilon, double delta, String sentence) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> new PrivacyBudget(epsilon, delta));
        assertTrue(e.getMessage().startsWith(sentence), e::getMessage);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleSensitivitiesAreRefused(double sensitivity) {
        PrivacyBudget budget = new PrivacyBudget(1, 1e-5);
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.sigma(sensitivity, budget));
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.classicSigma(sensitivity, budget));
        assertThrows(IllegalArgumentException.class, () -> GaussianPrivacy.ofRelease(sensitivity, 1));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 9.999e-6, 1000.1, Double.NaN, Double.POSITIVE_INFINITY})
    void distancesThatDoublesCannotCarryAreRefused(double mu) {
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.lnDelta(mu, 1));
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.delta(mu, 1));
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.epsilon(mu, 0.1));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 1.1e6, Double.NaN})
    void impossibleEpsilonsAreRefused(double epsilon) {
        assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.lnDelta(1, epsilon));
    }

    @Test
    void budgetsAndSensitivitiesThatDoublesCannotCarryAreRefused() {
        PrivacyBudget tooSmall = new PrivacyBudget(0, 3e-6);
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.mu(tooSmall));
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.sigma(1, tooSmall));
        PrivacyBudget budget = new PrivacyBudget(1, 1e-5);
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.sigma(Double.MAX_VALUE, budget));
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.sigma(Double.MIN_VALUE, budget));
    }

    @Test
    void theEndsOfTheRangesAreCarried() {
        PrivacyBudget most = new PrivacyBudget(PrivacyBudget.MAX_EPSILON, Math.nextDown(1.0));
        assertTrue(GaussianMechanism.mu(most) < GaussianMechanism.MAX_MU / 2);
        PrivacyBudget least = new PrivacyBudget(1, PrivacyBudget.MIN_DELTA);
        assertTrue(GaussianMechanism.delta(GaussianMechanism.mu(least), 1) <= PrivacyBudget.MIN_DELTA);
        double epsilon = GaussianMechanism.epsilon(GaussianMechanism.MAX_MU, PrivacyBudget.MIN_DELTA);
        assertTrue(epsilon > 5e5 && epsilon < 5.4e5);
        assertEquals(0, GaussianMechanism.epsilon(GaussianMechanism.MIN_MU, 0.5));
    }

    /** A δ whose logarithm is exactly this; there is one, since above |ln δ| = 1 logarithms are coarser than doubles. */
    private static double withLogarithm(double lnDelta) {
        double delta = Math.exp(lnDelta);
        for (int i = 0; i < 8; i++) {
            delta = Math.nextDown(delta);
        }
        while (Math.log(delta) < lnDelta) {
            delta = Math.nextUp(delta);
        }
        assertEquals(lnDelta, Math.log(delta));
        return delta;
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-5, 3e-4, 0.02, 0.3, 0.7})
    void theLeastDeltaThatSufficesAloneNeedsNoEpsilon(double mu) {
        double lnDelta = GaussianMechanism.lnDelta(mu, 0);
        double upper = lnDelta + GaussianMechanism.lnDeltaError(mu, lnDelta);
        assertEquals(0, GaussianMechanism.epsilon(mu, withLogarithm(Math.nextUp(upper))));
        assertTrue(GaussianMechanism.epsilon(mu, withLogarithm(upper)) > 0);
    }

    @Test
    void theLeastDistanceIsAllowedByTheDeltaThatJustSufficesForIt() {
        double delta = withLogarithm(GaussianMechanism.lnDelta(GaussianMechanism.MIN_MU, 0));
        double mu = GaussianMechanism.mu(new PrivacyBudget(0, delta));
        assertEquals(GaussianMechanism.MIN_MU, mu, 2e-9 * GaussianMechanism.MIN_MU);
        PrivacyBudget less = new PrivacyBudget(0, Math.nextDown(Math.nextDown(delta)));
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.mu(less));
        LifetimeBudget lifetime = LifetimeBudget.of(new PrivacyBudget(0, delta));
        assertEquals(mu, lifetime.left().mu(), 2e-9 * mu);
    }

    /** Small next to 1, |ln δ| is its own scale: a δ that is 1 less 1e-23 must not be certified as 1 for want of digits. */
    @ParameterizedTest
    @CsvSource({"0.5, -2, 2e-12, 2.4e-15", "0.5, -1e-3, 1e-15, 2.4e-18", "20, -1e-23, 1e-35, 6e-40", "3, 0, 0, 0"})
    void theErrorOfLnDeltaIsRelativeWhereItIsSmall(double mu, double lnDelta, double rounding, double cancelled) {
        double expected = rounding + cancelled;
        assertEquals(expected, GaussianMechanism.lnDeltaError(mu, lnDelta), 1e-14 * expected);
    }

    /**
     * For x >= 1e8, {@code M(x) - M(x + μ) = μ/x²} to 1e-10 or better, of which the logarithm is some -48; what it is added to is
     * 5e15 large, a multiple of 1/2 or 1, and off by half of that for each of its three roundings.
     */
    @ParameterizedTest
    @CsvSource({"1e-5, 1000.5", "1e-5, 1200", "1.05e-5, 1100"})
    void farOutLnDeltaIsTheTailsAsymptote(double mu, double epsilon) {
        double x = epsilon / mu - mu / 2;
        assertTrue(x >= 1e8);
        double expected = -x * x / 2 - Math.log(2 * Math.PI) / 2 + Math.log(mu / (x * x));
        assertEquals(expected, GaussianMechanism.lnDelta(mu, epsilon), 4);
    }

    @Test
    void sigmaIsANormalDoubleFromTheLeastOneOn() {
        PrivacyBudget budget = new PrivacyBudget(10, 1e-5);
        double sensitivity = Double.MIN_NORMAL * GaussianMechanism.mu(budget);
        while (sensitivity / GaussianMechanism.mu(budget) >= Double.MIN_NORMAL) {
            sensitivity = Math.nextDown(sensitivity);
        }
        assertEquals(Double.MIN_NORMAL, GaussianMechanism.sigma(sensitivity, budget));
        double less = sensitivity * (1 - 1e-12);
        assertThrows(ArithmeticException.class, () -> GaussianMechanism.sigma(less, budget));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-301, 1, 2, Double.NaN})
    void noEpsilonIsNamedForAnImpossibleDelta(double delta) {
        for (double mu : new double[] {0, 1e-6, 1e-5, 1}) {
            GaussianPrivacy privacy = new GaussianPrivacy(mu);
            Exception e = assertThrows(IllegalArgumentException.class, () -> privacy.epsilon(delta));
            assertTrue(e.getMessage().startsWith("delta must be"), e::getMessage);
        }
        Exception e = assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.epsilon(1, delta));
        assertTrue(e.getMessage().startsWith("delta must be"), e::getMessage);
    }
}
