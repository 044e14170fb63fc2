/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifetimeBudgetTest {

    /** The limit holds whatever is asked, and no release is turned away that would have kept it by a millionth. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void releasesThatAreAdmittedKeepTheLimitTogether(long seed) {
        Random random = new Random(seed);
        PrivacyBudget limit = new PrivacyBudget(0.1 + 5 * random.nextDouble(), Math.pow(10, -3 - random.nextInt(8)));
        LifetimeBudget budget = LifetimeBudget.of(limit);
        double squares = 0;
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            double mu = GaussianMechanism.mu(limit) * random.nextDouble() / 3;
            if (budget.admits(new GaussianPrivacy(mu))) {
                budget = budget.after(new GaussianPrivacy(mu));
                squares += mu * mu;
                assertTrue(mu <= budget.left().mu() || budget.used().mu() > 0);
            } else {
                refused++;
                assertTrue(Math.sqrt(squares + mu * mu) > GaussianMechanism.mu(limit) * (1 - 1e-6));
            }
        }
        assertTrue(refused > 0);
        assertTrue(new GaussianPrivacy(Math.sqrt(squares)).epsilon(limit.delta()) <= limit.epsilon());
        assertTrue(budget.usedEpsilon() <= limit.epsilon());
    }

    @Test
    void whatIsLeftIsAdmittedAndHardlyMoreIs() {
        LifetimeBudget budget = LifetimeBudget.of(new PrivacyBudget(3, 1e-5)).after(new GaussianPrivacy(0.268));
        assertTrue(budget.admits(budget.left()));
        assertFalse(budget.admits(new GaussianPrivacy(budget.left().mu() * (1 + 1e-6))));
        // 1 at delta 1e-5 by the table of docs/privacy.md
        assertEquals(1, budget.usedEpsilon(), 2e-3);
        assertTrue(budget.leftEpsilon() < 3 && budget.leftEpsilon() > 2.5, () -> "" + budget.leftEpsilon());
    }

    @Test
    void exactReleasesAreAdmittedWhenNothingIsLeft() {
        PrivacyBudget limit = new PrivacyBudget(1, 1e-5);
        LifetimeBudget spent = new LifetimeBudget(limit, new GaussianPrivacy(10));
        assertEquals(GaussianPrivacy.EXACT, spent.left());
        assertEquals(0, spent.leftEpsilon());
        assertTrue(spent.admits(GaussianPrivacy.EXACT));
        assertFalse(spent.admits(new GaussianPrivacy(1e-6)));
        assertEquals(0, LifetimeBudget.of(new PrivacyBudget(0, 1e-9)).leftEpsilon());
    }

    /** Nothing is lost but the margins: 1e-9 of the largest distance, which grow where little is left, and 1e-9 of the root. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-4, 0.1, 0.5})
    void whatIsLeftIsTheRootRoundedDown(double used) {
        PrivacyBudget limit = new PrivacyBudget(3, 1e-5);
        GaussianPrivacy whole = new GaussianPrivacy(GaussianMechanism.mu(limit));
        LifetimeBudget budget = new LifetimeBudget(limit, new GaussianPrivacy(used));
        GaussianPrivacy left = budget.left();
        assertTrue(left.and(new GaussianPrivacy(used)).mu() < whole.mu());
        double root = Math.sqrt(whole.mu() * whole.mu() - used * used);
        assertEquals(root, left.mu(), 2e-9 * root);
        assertEquals(left.epsilon(limit.delta()), budget.leftEpsilon());
    }
}
