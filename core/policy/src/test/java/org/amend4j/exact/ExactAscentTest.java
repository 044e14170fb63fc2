/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.DescentStatus;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.StepRecord;
import org.amend4j.descent.StepRule;
import org.amend4j.environment.XorMdp;
import org.junit.jupiter.api.Test;

/** Gradient descent on an exact return is ascent on the return. */
class ExactAscentTest {

    private static final LogitMap TWO_LOGITS = new LogitMap.Bernoulli(2);
    private static final ExactReturn XOR = ExactReturn.of(XorMdp.plain(), TWO_LOGITS, 0.9);

    private static DescentResult ascend(double[] start, double step) {
        return new GradientDescent(XOR, new StepRule.Constant(step), DescentOptions.of(4000)).run(start);
    }

    /** The largest step that the smoothness constant allows. */
    private static double safeStep() {
        return 1 / ReturnSmoothness.of(XorMdp.plain().mdp(), TWO_LOGITS, 0.9).lipschitz();
    }

    @Test
    void ascentStaysAtTheSaddleToTheLastBit() {
        DescentResult result = ascend(new double[2], safeStep());
        assertEquals(DescentStatus.STATIONARY, result.status());
        assertArrayEquals(new double[2], result.last().theta());
        assertTrue(XOR.returnSpectrum(new double[2]).largest() > 0.1, "a strict saddle");
    }

    @Test
    void anywhereElseStepsThatSmoothnessAllowsRaiseTheReturnEveryTime() {
        DescentResult result = ascend(new double[] {0.1, -0.05}, safeStep());
        for (StepRecord step : result.records()) {
            assertTrue(step.actualDecrease() > 0, step::toString);
        }
        assertTrue(-result.loss() > 0.9 * new XorReturn(0.9, 0).best());
    }
}
