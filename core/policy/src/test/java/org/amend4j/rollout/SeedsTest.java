/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.amend4j.rollout.Seeds.Purpose;
import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void rootsPurposesAndNumbersHaveSeedsOfTheirOwn() {
        Set<Long> seeds = new HashSet<>();
        for (long root = -3; root < 3; root++) {
            for (Purpose purpose : Purpose.values()) {
                for (long number = 0; number < 1_000; number++) {
                    seeds.add(new Seeds(root).seed(purpose, number));
                }
            }
        }
        assertEquals(6 * Purpose.values().length * 1_000, seeds.size());
    }

    /** First draws of neighbouring numbers are uniform: mean 1/2 within 5 standard errors, neighbours uncorrelated alike. */
    @Test
    void neighbouringSeedsAreUnrelated() {
        int n = 20_000;
        double sum = 0;
        double product = 0;
        double last = 0.5;
        for (int number = 0; number < n; number++) {
            double draw = new Seeds(1).generator(Purpose.ACTIONS, number).nextDouble();
            sum += draw - 0.5;
            product += (draw - 0.5) * (last - 0.5);
            last = draw;
        }
        assertTrue(Math.abs(sum / n) < 5 / Math.sqrt(12.0 * n));
        assertTrue(Math.abs(product / n) < 5 / (12 * Math.sqrt(n)));
    }
}
