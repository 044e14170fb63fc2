/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocCurveTest {

    @Test
    void everyThresholdIsAPoint() {
        assertCurve(
                RocCurve.of(new double[] {3, 1}, new double[] {2, 0}),
                new double[] {0, 0, 0.5, 0.5, 1},
                new double[] {0, 0.5, 0.5, 1, 1});
    }

    @Test
    void tiesOfMembersAndOthersAreOneSlantedPiece() {
        assertCurve(RocCurve.of(new double[] {1, 1}, new double[] {1, 1}), new double[] {0, 1}, new double[] {0, 1});
        assertCurve(RocCurve.of(new double[] {2, 1}, new double[] {1, 0}), new double[] {0, 0, 0.5, 1}, new double[] {
            0, 0.5, 1, 1
        });
    }

    @Test
    void zerosOfBothSignsTie() {
        assertCurve(
                RocCurve.of(new double[] {0.0, -0.0}, new double[] {-0.0, 0.0}), new double[] {0, 1}, new double[] {0, 1
                });
    }

    /** Whole scores tie often; the trapezia are exact to a few units in the last place. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theAreaBelowIsAucAndRatesGrowFromNobodyToEverybody(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] members =
                random.ints(2 + random.nextInt(60), 0, 12).asDoubleStream().toArray();
        double[] others =
                random.ints(2 + random.nextInt(60), 0, 10).asDoubleStream().toArray();
        RocCurve curve = RocCurve.of(members, others);
        double[] x = curve.falsePositiveRates();
        double[] y = curve.truePositiveRates();
        double area = 0;
        for (int k = 1; k < x.length; k++) {
            assertTrue(x[k] >= x[k - 1] && y[k] >= y[k - 1] && x[k] + y[k] > x[k - 1] + y[k - 1]);
            area += (x[k] - x[k - 1]) * (y[k] + y[k - 1]) / 2;
        }
        assertEquals(Auc.of(members, others), area, 1e-14);
        assertEquals(0, x[0] + y[0]);
        assertEquals(2, x[x.length - 1] + y[y.length - 1]);
    }

    @Test
    void scoresMustBeFiniteAndOfTwoSubjectsAtLeast() {
        refused("must be >= 2", () -> RocCurve.of(new double[] {1}, new double[] {1, 2}));
        refused("score 1 of others", () -> RocCurve.of(new double[] {1, 2}, new double[] {1, Double.NaN}));
    }

    private static void assertCurve(RocCurve curve, double[] x, double[] y) {
        assertArrayEquals(x, curve.falsePositiveRates());
        assertArrayEquals(y, curve.truePositiveRates());
    }
}
