/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.GaussianMechanism;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.PrivacyBudget;
import org.junit.jupiter.api.Test;

class OracleDirectionTest {

    private static final int COPIES = 4000;
    private static final GaussianPrivacy CERTIFIED =
            new GaussianPrivacy(GaussianMechanism.mu(new PrivacyBudget(1, 1e-5)));

    private final double[] unlearned = AucTest.normal(new SplittableRandom(41), 20, 0);
    private final double[] retrained = AucTest.normal(new SplittableRandom(42), 20, 0.1);
    private final OracleDirection direction = new OracleDirection(unlearned, retrained);

    /** The area of 4,000 against 4,000 deviates by 0.0065 at most: a false alarm has chance 7e-6 for 4.5 times that. */
    @Test
    void noiseForTheTrueDistanceReachesTheBoundAndPasses() {
        OracleDirection.Verdict verdict = attack(direction.distance() / CERTIFIED.mu(), unlearned, retrained);
        assertEquals(0.575, verdict.bound(), 5e-4);
        assertEquals(AttackBounds.auc(CERTIFIED), verdict.score().auc(), 4.5 * Auc.nullDeviation(COPIES, COPIES));
        assertEquals(verdict.bound() + 3 * Auc.nullDeviation(COPIES, COPIES), verdict.allowed(), 1e-15);
        assertTrue(verdict.passed(), verdict.toString());
    }

    /** Half of it has area 0.648, eight deviations above what is allowed; also with the models in the wrong order. */
    @Test
    void halfOfTheNoiseFails() {
        double sigma = direction.distance() / CERTIFIED.mu() / 2;
        assertFalse(attack(sigma, unlearned, retrained).passed());
        assertFalse(attack(sigma, retrained, unlearned).passed());
    }

    @Test
    void noiseForABoundAboveTheDistancePasses() {
        assertTrue(attack(5 * direction.distance() / CERTIFIED.mu(), unlearned, retrained)
                .passed());
    }

    @Test
    void theDirectionHasLengthOne() {
        assertEquals(direction.distance(), direction.project(unlearned) - direction.project(retrained), 1e-12);
        double squares = 0;
        for (int j = 0; j < unlearned.length; j++) {
            double[] unit = new double[unlearned.length];
            unit[j] = 1;
            squares += direction.project(unit) * direction.project(unit);
        }
        assertEquals(1, squares, 1e-14);
    }

    @Test
    void badModelsAreRefused() {
        refused("must be at a distance > 0 and finite, got 0.0", () -> new OracleDirection(unlearned, unlearned));
        refused("as many parameters, got 20 and 3", () -> new OracleDirection(unlearned, new double[3]));
        refused("as many parameters, got 3 and 20", () -> direction.project(new double[3]));
        refused("got NaN", () -> new OracleDirection(new double[] {Double.NaN}, new double[1]));
        refused("must be >= 2, got 1", () -> OracleDirection.test(new double[1], new double[9], CERTIFIED));
    }

    private OracleDirection.Verdict attack(double sigma, double[] meanOne, double[] meanTwo) {
        SplittableRandom random = new SplittableRandom(43);
        return OracleDirection.test(noisy(random, sigma, meanOne), noisy(random, sigma, meanTwo), CERTIFIED);
    }

    private double[] noisy(SplittableRandom random, double sigma, double[] mean) {
        double[] projections = new double[COPIES];
        Arrays.setAll(projections, i -> {
            double[] copy = AucTest.normal(random, mean.length, 0);
            Arrays.setAll(copy, j -> mean[j] + sigma * copy[j]);
            return direction.project(copy);
        });
        return projections;
    }
}
