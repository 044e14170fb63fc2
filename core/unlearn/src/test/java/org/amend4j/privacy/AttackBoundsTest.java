/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttackBoundsTest {

    @ParameterizedTest
    @CsvSource({
        "0.1, 1e-5, 0.032520784, 0.50917314, 0.012973344, 0.010900216",
        "0.5, 1e-5, 0.14221056, 0.54004935, 0.056686033, 0.01447608",
        "1, 1e-5, 0.26805112, 0.5751655, 0.10661764, 0.019780828",
        "2, 1e-5, 0.50155169, 0.63857432, 0.19801258, 0.034015896",
        "4, 1e-5, 0.9249309, 0.74345212, 0.35625243, 0.080544709",
        "8, 1e-5, 1.6660306, 0.88061396, 0.5951639, 0.25452512",
        "40, 1e-1, 7.8556281, 0.99999999, 0.99991428, 0.99999998"
    })
    void budgetsBoundAttacks(double epsilon, double delta, double mu, double auc, double advantage, double tpr) {
        // Computed with 40 digits (mpmath) from the table's μ, printed with 8.
        GaussianPrivacy privacy = new GaussianPrivacy(GaussianMechanism.mu(new PrivacyBudget(epsilon, delta)));
        double digits = 1e-7;
        assertEquals(mu, privacy.mu(), digits * mu);
        assertEquals(auc, AttackBounds.auc(privacy), digits * auc);
        assertEquals(advantage, AttackBounds.advantage(privacy), digits * advantage);
        assertEquals(tpr, AttackBounds.truePositiveRate(privacy, 0.01), digits * tpr);
    }

    @Test
    void whatIsExactTellsNothing() {
        assertEquals(0.5, AttackBounds.auc(GaussianPrivacy.EXACT), 1e-12);
        assertEquals(0, AttackBounds.advantage(GaussianPrivacy.EXACT));
        for (double rate : new double[] {1e-290, 1e-9, 0.01, 0.5, 0.999}) {
            double bound = AttackBounds.truePositiveRate(GaussianPrivacy.EXACT, rate);
            assertTrue(bound >= rate);
            assertEquals(rate, bound, 2e-9 * rate);
        }
    }

    /** The advantage is the least δ at ε = 0, and the most that a true positive rate is above its false one. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 0.1, 1, 3, 8, 40})
    void theBoundsAgreeWithEachOther(double mu) {
        GaussianPrivacy privacy = new GaussianPrivacy(mu);
        double advantage = AttackBounds.advantage(privacy);
        assertEquals(GaussianMechanism.delta(mu, 0), advantage, 1e-11 * advantage);
        double most = 0;
        double area = 0;
        int steps = 20_000;
        for (int i = 0; i < steps; i++) {
            double rate = (i + 0.5) / steps;
            double truePositives = AttackBounds.truePositiveRate(privacy, rate);
            most = Math.max(most, truePositives - rate);
            area += truePositives / steps;
        }
        // The curve is concave and increasing from 0 to 1: midpoints are off by at most a step.
        assertEquals(advantage, most, 1.0 / steps);
        assertEquals(AttackBounds.auc(privacy), area, 1.0 / steps);
    }

    @Test
    void theEndsOfTheCurveAreItsEnds() {
        GaussianPrivacy privacy = new GaussianPrivacy(0.3);
        assertEquals(0, AttackBounds.truePositiveRate(privacy, 0));
        assertEquals(1, AttackBounds.truePositiveRate(privacy, 1));
        assertTrue(AttackBounds.truePositiveRate(privacy, Double.MIN_VALUE) > Double.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void impossibleRatesAreRefused(double rate) {
        GaussianPrivacy privacy = new GaussianPrivacy(1);
        assertThrows(IllegalArgumentException.class, () -> AttackBounds.truePositiveRate(privacy, rate));
    }
}
