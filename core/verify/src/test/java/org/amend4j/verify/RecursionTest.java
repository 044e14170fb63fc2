/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.amend4j.verify.Recursion.Active;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verifier's recursion on runs of a few steps that can be followed by hand. */
class RecursionTest {

    private static final double BILLIONTH = 0x1p-9 / 1953125;

    private static Document nonconvex(String steps) {
        return Document.of(Scenario.unknownSmoothness()).with("bound.steps=[" + steps + "]");
    }

    private static Recursion of(Document document) {
        return Recursion.of(document.read());
    }

    private static String step(int count, double size, double normaliser, int retained, int deleted) {
        return String.format(
                Locale.ROOT,
                "{\"count\":%d,\"stepSize\":%s,\"weightDecay\":0,\"normaliser\":%s,\"retained\":%d,\"deleted\":%d}",
                count,
                size,
                normaliser,
                retained,
                deleted);
    }

    /** G = 1, η = 1/2, half of ten records deleted: 1/2, then 1/2 + 1 by the cap, which is the diameter, then the diameter. */
    @Test
    void theLeastBoundCountsAndATieGoesEitherWay() {
        Recursion recursion = of(nonconvex(step(3, 0.5, 0, 5, 5)).with("constants.diameter.value=1.5"));
        assertEquals(1.5, recursion.exact());
        assertEquals(1, recursion.count(Active.RECURSION));
        assertEquals(0, recursion.count(Active.CAP));
        assertEquals(1, recursion.count(Active.DIAMETER));
        assertEquals(3, recursion.counted());
        assertTrue(recursion.contaminated());
        assertFalse(recursion.usesSmoothness(), "the first step knows no distance that L could stretch");
        for (int claimed = 0; claimed <= 3; claimed++) {
            assertEquals(claimed == 1 || claimed == 2, recursion.agrees(Active.DIAMETER, claimed));
            assertEquals(claimed <= 1, recursion.agrees(Active.CAP, claimed));
        }
    }

    /** Where nothing is retained, nothing is stretched, whether L is known or not: recursion and cap are the same. */
    @Test
    void withoutRetainedRecordsRecursionAndCapAreTheSame() {
        String steps = step(2, 0.5, 8, 0, 4) + "," + step(1, 0.5, 8, 0, 0);
        for (String l : new String[] {"\"Infinity\"", "7"}) {
            Recursion recursion = of(nonconvex(steps).with("constants.lipschitz.value=" + l));
            assertEquals(0.5, recursion.exact());
            assertEquals(3, recursion.counted());
            for (Active active : Active.values()) {
                assertEquals(0, recursion.count(active));
            }
            assertTrue(recursion.agrees(Active.RECURSION, 3) && recursion.agrees(Active.CAP, 3));
            assertFalse(recursion.agrees(Active.RECURSION, 4) || recursion.agrees(Active.CAP, -1));
        }
    }

    /** 5^9 and 5^9 + 2^-9 differ by a billionth exactly. */
    @Test
    void whatIsABillionthMoreIsATie() {
        assertEquals(1e-9, BILLIONTH, 1e-25);
        String steps = step(2, 0.5, 0, 15, 5);
        Document cap = nonconvex(steps).with("constants.gradientBound.value=1562500");
        assertEquals(
                0, of(cap.with("constants.diameter.value=1953125.001953125")).count(Active.CAP));
        assertEquals(
                1, of(cap.with("constants.diameter.value=1953125.001953126")).count(Active.CAP));

        assertTies(1953124, 2929686.00390625, Active.CAP);
        assertTies(1953124.001953125, 2929685.9990234375, Active.RECURSION);
    }

    /** At the second step the other bound is a billionth above this one; at the first the distance becomes 1. */
    private static void assertTies(double g, double l, Active least) {
        String steps = step(1, 0.5, g * 2.5, 15, 5) + "," + step(1, 0.5, 0, 15, 5);
        Document document =
                nonconvex(steps).with("constants.gradientBound.value", g).with("constants.lipschitz.value", l);
        Recursion tie = of(document);
        assertEquals(1953125, tie.exact(), 1e-9);
        assertEquals(1, tie.count(Active.RECURSION), "the first step alone");
        assertEquals(0, tie.count(Active.CAP));
        assertEquals(2, tie.counted());
        double further = least == Active.CAP ? Math.nextUp(l) : Math.nextDown(l);
        Recursion none = of(document.with("constants.lipschitz.value", further));
        assertEquals(least == Active.CAP ? 1 : 0, none.count(Active.CAP));
    }

    @Test
    void aRunWithoutDeletedRecordsHasNoDistance() {
        Recursion recursion = of(nonconvex(step(3, 0.5, 0, 5, 0)));
        assertEquals(0, recursion.exact() + recursion.computed() + recursion.rounding() + recursion.counted());
        assertFalse(recursion.contaminated());
        assertNull(recursion.broken());
    }

    /** x ← x + 2·error beside it: 20 steps of 1e-10·(η·s·G + reach) each, twice. */
    @Test
    void roundingIsTwiceTheErrorOfEachStep() {
        Document document = Document.of(Scenario.assumed()).with("constants.lipschitz.value=\"Infinity\"");
        Recursion recursion = of(document.with("bound.steps=[" + step(3, 0.5, 8, 0, 4) + "]"));
        double error = 1e-10 * (0.5 * 4 / 8 * 0.5 + 2.000001953125);
        assertEquals(6 * error, recursion.rounding(), 1e-24);
        assertEquals(recursion.exact() + recursion.rounding(), recursion.computed(), 1e-15);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain | bound.steps.0.weightDecay=0 | STRONGLY_CONVEX does not go with weight decay 0.0 (step 0)
            convex | bound.steps.1.weightDecay=0.1 | CONVEX does not go with weight decay 0.1 (step 15)
            convex | bound.steps.1.stepSize=8.01 | step size 8.01 is too long for CONVEX losses (step 15)
            plain | bound.steps.0.stepSize=4.6 | step size 4.6 is too long for STRONGLY_CONVEX losses (step 0)
            plain | bound.steps.1.retained=500 && bound.steps.1.stepSize=6.3 | step size 6.3 is too long for STRONGLY
            convex | bound.steps.0.retained=0 | a step that divides by its number of records retains none (step 0)
            """)
    void whatTheCurvatureDoesNotAllowIsNamedByItsStep(String start, String edits, String fragment) {
        String broken = of(ClaimRulesTest.start(start).with(edits)).broken();
        assertTrue(String.valueOf(broken).startsWith(fragment), broken);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            convex | bound.steps.1.stepSize=8
            plain | bound.steps.0.stepSize=4.5
            plain | bound.steps.1.retained=500 && bound.steps.1.stepSize=6.2
            nonconvex | bound.steps.1.stepSize=1000 && bound.steps.0.weightDecay=1
            plain | bound.steps.0.retained=0
            """)
    void whatItAllowsIsNot(String start, String edits) {
        assertNull(of(ClaimRulesTest.start(start).with(edits)).broken());
    }
}
