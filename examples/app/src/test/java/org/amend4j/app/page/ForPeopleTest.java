/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForPeopleTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Kind[first=1, second=0.123456789]|Kind (first 1, second 0.1235)",
                "A[b=C[d=OptionalDouble[0.5]], e=Optional.empty]|A (b C (d 0.5), e none)",
                "A/2[stepSize=0.1, list=[1, 2]]|A/2 (step size 0.1, list [1, 2])",
                "it is at most 6.604984761223545E-4|it is at most 0.0006605",
                "at most 0.12341000001|at most 0.1235",
                "at least 0.12349999999|at least 0.1234",
                "version 17.0.15 of 2026-12-02|version 17.0.15 of 2026-12-02",
                "rewards in [-1.0, 1.0], and 0.25.|rewards in [-1.0, 1.0], and 0.25.",
                "a [list] of x=3|a [list] of x=3",
                "dffaffb1f90e695abc923ea4f838b80f|dffaffb1f90e695abc923ea4f838b80f"
            })
    void aConfigurationIsInWordsAndABoundOnTheSafeSide(String text, String expected) {
        assertEquals(expected, ForPeople.text(text));
    }

    @Test
    void noNumberHasMoreThanFourDigits() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            double value = random.nextGaussian() * Math.pow(10, random.nextInt(-20, 20));
            String shown = ForPeople.number(value);
            double read = Double.parseDouble(shown.replace(",", ""));
            assertEquals(value, read, 6e-4 * Math.abs(value), shown);
        }
        assertEquals("0.5", ForPeople.number(0.5));
        assertEquals("500", ForPeople.number(500));
        assertEquals("0", ForPeople.number(0));
        assertEquals("NaN", ForPeople.number(Double.NaN));
    }

    @Test
    void aHorizonsFactsKeepNoBracketOfAProgram() {
        String facts = Horizon.given(
                        7,
                        BiasBound.C,
                        new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-1 / 3.0, 1)))
                .facts()
                .text();
        String shown = ForPeople.text(facts);
        assertTrue(shown.startsWith("Horizon (steps 7, "), shown);
        assertFalse(shown.contains("=") || shown.contains("[") || shown.contains("33333"), shown);
    }
}
