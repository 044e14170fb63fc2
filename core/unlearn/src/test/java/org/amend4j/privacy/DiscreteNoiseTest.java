/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscreteNoiseTest {

    @ParameterizedTest
    @CsvSource({
        "0.02163195599, 1, 1e-5, 10, 100",
        "0.02163195599, 1, 1e-5, 1000000, 100",
        "1e-7, 0.5, 1e-6, 650, 40",
        "1, 8, 1e-10, 7850, 1",
        "0.3, 0, 1e-4, 1, 1",
        "5, 20, 1e-8, 100, 3"
    })
    void noiseKeepsItsBudgetEverythingCounted(
            double sensitivity, double epsilon, double delta, int dimension, double bound) {
        PrivacyBudget budget = new PrivacyBudget(epsilon, delta);
        DiscreteNoise noise = DiscreteNoise.calibrated(sensitivity, budget, dimension, bound);
        assertTrue(noise.delta(epsilon) <= delta);
        double ideal = GaussianMechanism.sigma(sensitivity, budget);
        assertTrue(noise.sigma() >= ideal);
        // What is added: g√d to Δ, one step of the grid to σ, and next to nothing for δ.
        double gridShare = noise.grid().sensitivityTerm(dimension) / sensitivity
                + noise.grid().step() / ideal;
        assertEquals(1, noise.sigma() / ideal, 2 * gridShare + 1e-6);
    }

    /** Sensitivity, λ = 0.01, 42 subjects, K = 100 on RAND HIE: σ without the margin is 0.0807008593. */
    @Test
    void randHieHasItsNoise() {
        DiscreteNoise noise = DiscreteNoise.calibrated(0.02163195599, new PrivacyBudget(1, 1e-5), 10, 100);
        assertEquals(0.0807008593, noise.sigma(), 2e-10);
        assertEquals(Math.getExponent(0.0807) - 40, noise.grid().exponent());
    }

    @Test
    void whatDiscretenessCannotCarryIsRefused() {
        PrivacyBudget wide = new PrivacyBudget(60, 1e-5);
        assertThrows(ArithmeticException.class, () -> DiscreteNoise.calibrated(1, wide, 1000, 1));
        PrivacyBudget strict = new PrivacyBudget(1, 1e-30);
        assertThrows(ArithmeticException.class, () -> DiscreteNoise.calibrated(1, strict, 1000, 1));
    }

    @Test
    void impossibleArgumentsAreRefused() {
        PrivacyBudget budget = new PrivacyBudget(1, 1e-5);
        assertThrows(IllegalArgumentException.class, () -> DiscreteNoise.calibrated(0, budget, 10, 1));
        assertThrows(IllegalArgumentException.class, () -> DiscreteNoise.calibrated(1, budget, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> DiscreteNoise.calibrated(1, budget, 10, -1));
        GaussianGrid grid = GaussianGrid.of(1, 1);
        assertThrows(IllegalArgumentException.class, () -> new DiscreteNoise(grid, Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> new DiscreteNoise(grid, 1, 0));
    }

    /** On the coarsest grid and with many parameters, so that both terms of the grid show. */
    @Test
    void privacyAndDeltaAreTheirFormulasRoundedUp() {
        DiscreteNoise noise = new DiscreteNoise(new GaussianGrid(-20, 1L << 20, 1), 0.3, 1_000_000);
        double mu = 0.3 + 1000 * 0x1p-20;
        assertEquals(mu, noise.privacy().mu(), 1e-15);
        assertTrue(noise.privacy().mu() >= mu);
        double delta = GaussianMechanism.delta(noise.privacy().mu(), 1) + (1 + Math.E) * 1e6 * 0.0202 * 0x1p-40;
        assertEquals(delta, noise.delta(1), 1e-13 * delta);
        assertTrue(noise.delta(1) >= delta * (1 - 1e-15));
        assertEquals(1, noise.delta(1000));
    }

    @Test
    void discretenessMayTakeHalfOfDeltaAndNoMore() {
        PrivacyBudget budget = new PrivacyBudget(20, 1e-10);
        GaussianGrid grid = GaussianGrid.of(GaussianMechanism.sigma(1, budget), 1);
        double parameters = budget.delta() / grid.deltaTerm(20, 1);
        int most = (int) (0.499 * parameters);
        assertTrue(DiscreteNoise.calibrated(1, budget, most, 1).delta(20) <= 1e-10);
        int more = (int) (0.501 * parameters);
        assertThrows(ArithmeticException.class, () -> DiscreteNoise.calibrated(1, budget, more, 1));
    }
}
