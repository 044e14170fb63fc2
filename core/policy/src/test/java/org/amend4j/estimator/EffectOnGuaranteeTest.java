/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EffectOnGuaranteeTest {

    @ParameterizedTest
    @EnumSource(EffectOnGuarantee.class)
    void everyOptionSaysWhatItDoesInOneSentence(EffectOnGuarantee option) {
        String word = option.verdict() == Verdict.PRACTICE ? "practice" : "theory-preserving";
        assertEquals(option.option() + " (" + word + "): " + option.effect() + ".", option.sentence());
        assertTrue(option.effect().length() > 20 && !option.effect().endsWith("."), option.effect());
    }

    @Test
    void onePracticeOptionMakesThePractice() {
        assertEquals(Verdict.THEORY_PRESERVING, Verdict.of(List.of()));
        assertEquals(
                Verdict.THEORY_PRESERVING,
                Verdict.of(List.of(EffectOnGuarantee.STATE_BASELINE, EffectOnGuarantee.ISOTROPIC_NOISE)));
        assertEquals(
                Verdict.PRACTICE,
                Verdict.of(List.of(EffectOnGuarantee.STATE_BASELINE, EffectOnGuarantee.ADAPTIVE_STEPS)));
    }

    @Test
    void theoryIsAnOrderOnly() {
        assertEquals(2504, new TheoryOrder(0.3).outerSteps(), 1);
        assertEquals(15241.6, new TheoryOrder(0.3).innerSteps(), 1);
        assertEquals(3.16e6, new TheoryOrder(0.1).outerSteps(), 1e4);
        assertEquals(1e8, new TheoryOrder(0.1).innerSteps(), 1);
        TheoryOrder order = new TheoryOrder(0.03);
        assertEquals(1, order.outerSteps() * order.innerSteps() / order.allInnerSteps(), 1e-12);
        assertEquals(Math.log(1 / (0.03 * 0.03)), order.horizon(), 1e-14);
        assertTrue(
                order.sentence().contains("constants and logarithms left out: 7.9e+09 policy steps"), order.sentence());
        refused("epsilon must be in (0, 1), got 1.0", () -> new TheoryOrder(1));
    }
}
