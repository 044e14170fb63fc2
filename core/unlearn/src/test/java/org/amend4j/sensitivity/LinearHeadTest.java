/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.descent.Assurance;
import org.junit.jupiter.api.Test;

class LinearHeadTest {

    @Test
    void theTable() {
        LossBounds logistic = new LinearHead.Logistic().bounds(3);
        assertEquals(3, logistic.gradientBound().value());
        assertEquals(2.25, logistic.lipschitz().value());
        LossBounds softmax = new LinearHead.Softmax().bounds(1);
        assertEquals(Math.sqrt(2), softmax.gradientBound().value(), 3e-16);
        assertEquals(0.5, softmax.lipschitz().value());
        LossBounds sigmoids = new LinearHead.Sigmoids(9).bounds(2);
        assertEquals(6, sigmoids.gradientBound().value());
        assertEquals(1, sigmoids.lipschitz().value());
        LossBounds squares = new LinearHead.SquaredError(2, 5).bounds(3);
        assertEquals(33, squares.gradientBound().value());
        assertEquals(9, squares.lipschitz().value());
        assertEquals(4, squares.diameter().value());
        assertEquals(Assurance.ENFORCED, squares.gradientBound().assurance(), "by projection");
        assertEquals(Assurance.PROVED, softmax.gradientBound().assurance());
        assertEquals(LossCurvature.CONVEX, softmax.curvature());
    }

    /** Random pairs of parameters of softmax heads with soft labels, and of squared errors. */
    @Test
    void gradientsKeepTheirBoundsAndDifferencesTheirLipschitzConstant() {
        double largest = 0;
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            double[] x = Nets.onSphere(random, 1 + random.nextInt(4), 1.5);
            int k = 2 + random.nextInt(3);
            double[] label = Nets.distribution(random, k);
            LossBounds bounds = new LinearHead.Softmax().bounds(1.5);
            double[][] w = Nets.matrix(random, x.length, k, 2);
            double[][] v = Nets.near(random, w, Math.pow(10, -random.nextInt(4)));
            double[][] atW = Nets.softmaxGradient(x, w, label);
            double[][] atV = Nets.softmaxGradient(x, v, label);
            assertTrue(Nets.norm(atW) <= bounds.gradientBound().value(), "seed " + seed);
            double quotient = Nets.distance(atW, atV) / Nets.distance(w, v);
            assertTrue(quotient <= bounds.lipschitz().value() * (1 + 1e-9), "seed " + seed);
            largest = Math.max(largest, quotient / bounds.lipschitz().value());
        }
        // two classes with p = ½ attain λ_max(diag p - ppᵀ) = ½
        assertTrue(largest > 0.9, "the bound is not far: " + largest);
    }

    @Test
    void refusesInOneSentence() {
        refused("radius of the features must be > 0 and finite, got 0.0", () -> new LinearHead.Softmax().bounds(0));
        refused("number of outputs must be >= 1, got 0", () -> new LinearHead.Sigmoids(0));
        refused("radius of the parameters must be > 0", () -> new LinearHead.SquaredError(0, 1));
        refused("largest label must be >= 0", () -> new LinearHead.SquaredError(1, -1));
    }
}
