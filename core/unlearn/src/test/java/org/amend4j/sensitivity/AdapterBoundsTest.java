/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.descent.Assurance;
import org.junit.jupiter.api.Test;

class AdapterBoundsTest {

    /** Output layer, softmax, inputs up to 1, s = 1, R = 2. */
    @Test
    void theWorkedExample() {
        AdapterBounds.Ball ball = new AdapterBounds.Ball(1, Constant.proved(Math.sqrt(2), "softmax"), 2);
        LossBounds bounds = AdapterBounds.bothFactors(Constant.proved(0.5, "softmax"), List.of(ball));
        assertEquals(Math.sqrt(2) + 2, bounds.lipschitz().value(), 1e-15);
        assertEquals(2 * Math.sqrt(2), bounds.gradientBound().value(), 1e-15);
        assertEquals(4, bounds.diameter().value());
        assertEquals(Assurance.ENFORCED, bounds.lipschitz().assurance(), "the ball is kept by projection");
        assertEquals(3 + 2, AdapterBounds.adaptedWeightNorm(3, ball));
    }

    /** Scalars with ℓ' = g and ℓ'' = L at once, at a = b = R/√2 and a little below: both terms are needed in full. */
    @Test
    void aScalarAttainsTheConstant() {
        double g = 0.7;
        double l = 1.3;
        double radius = 1.5;
        double scaling = 2;
        AdapterBounds.Ball ball = new AdapterBounds.Ball(scaling, Constant.proved(g, "clipped"), radius);
        LossBounds bounds = AdapterBounds.bothFactors(Constant.proved(l, "by construction"), List.of(ball));
        double a = radius / Math.sqrt(2);
        double lower = a - 1e-5;
        double field = g + l * scaling * (lower * lower - a * a);
        double quotient = scaling * Math.abs(field * lower - g * a) / Math.abs(lower - a);
        assertEquals(1, quotient / bounds.lipschitz().value(), 1e-4);
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Factors(double[][] a, double[][] b) {

        Factors onBall(double radius) {
            double norm = Math.hypot(Nets.norm(a), Nets.norm(b));
            double factor = norm > radius ? radius / norm * (1 - 1e-15) : 1;
            return new Factors(
                    Nets.onBall(a, factor * Nets.norm(a) * (1 + 1e-16)), Nets.onBall(b, factor * Nets.norm(b)));
        }

        double distance(Factors other) {
            return Math.hypot(Nets.distance(a, other.a), Nets.distance(b, other.b));
        }
    }

    /** Softmax on {@code x(W₀ + sAB)}, the gradient in W clipped to C before the blocks are formed if C is finite. */
    private static Factors gradient(
            Factors at, double scaling, double[][] base, double[] x, double[] label, double clip) {
        double[][] product = Nets.product(at.a, at.b);
        double[][] w = new double[base.length][base[0].length];
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < w[0].length; j++) {
                w[i][j] = base[i][j] + scaling * product[i][j];
            }
        }
        double[][] field = Nets.onBall(Nets.softmaxGradient(x, w, label), clip);
        double[][] blockA = Nets.product(field, Nets.transposed(at.b));
        double[][] blockB = Nets.product(Nets.transposed(at.a), field);
        for (double[][] block : List.of(blockA, blockB)) {
            for (double[] row : block) {
                for (int j = 0; j < row.length; j++) {
                    row[j] *= scaling;
                }
            }
        }
        return new Factors(blockA, blockB);
    }

    /** 4,000 pairs of points of the ball, with and without clipping in W. */
    @Test
    void gradientsKeepTheirBoundsAndDifferencesTheirLipschitzConstant() {
        double largest = 0;
        for (int seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed);
            int in = 1 + random.nextInt(3);
            int out = 2 + random.nextInt(2);
            int rank = 1 + random.nextInt(2);
            double scaling = 0.5 + 2 * random.nextDouble();
            double radius = 0.3 + random.nextDouble();
            double[] x = Nets.onSphere(random, in, 1);
            double[] label = Nets.distribution(random, out);
            double clip = random.nextBoolean() ? Math.sqrt(2) : 0.1 + 0.5 * random.nextDouble();
            AdapterBounds.Ball ball = new AdapterBounds.Ball(scaling, Constant.enforced(clip, "clipping"), radius);
            LossBounds bounds =
                    AdapterBounds.bothFactors(new LinearHead.Softmax().bounds(1).lipschitz(), List.of(ball));
            double[][] base = Nets.matrix(random, in, out, 1);
            Factors one =
                    new Factors(Nets.matrix(random, in, rank, 1), Nets.matrix(random, rank, out, 1)).onBall(radius);
            double size = Math.pow(10, -random.nextInt(4));
            Factors other = new Factors(Nets.near(random, one.a, size), Nets.near(random, one.b, size)).onBall(radius);
            Factors atOne = gradient(one, scaling, base, x, label, clip);
            Factors atOther = gradient(other, scaling, base, x, label, clip);
            double norm = Math.hypot(Nets.norm(atOne.a), Nets.norm(atOne.b));
            assertTrue(norm <= bounds.gradientBound().value() * (1 + 1e-12), "seed " + seed);
            double quotient = atOne.distance(atOther) / one.distance(other);
            assertTrue(quotient <= bounds.lipschitz().value() * (1 + 1e-9), "seed " + seed);
            largest = Math.max(largest, quotient / bounds.lipschitz().value());
        }
        assertTrue(largest > 0.5, "the bound is not far: " + largest);
    }

    @Test
    void severalAdaptersTakeTheLargestOfEachTerm() {
        AdapterBounds.Ball small = new AdapterBounds.Ball(1, Constant.enforced(3, "clipping"), 1);
        AdapterBounds.Ball large = new AdapterBounds.Ball(2, Constant.assumed(1), 2);
        LossBounds bounds = AdapterBounds.bothFactors(Constant.proved(0.5, "a proof"), List.of(small, large));
        assertEquals(3 + 0.5 * 16, bounds.lipschitz().value());
        assertEquals(5, bounds.gradientBound().value());
        assertEquals(2 * Math.sqrt(5), bounds.diameter().value(), 1e-15);
        assertEquals(Assurance.ASSUMED, bounds.lipschitz().assurance(), "the weakest that entered");
    }

    @Test
    void aFrozenFactorKeepsTheCurvature() {
        LossBounds head = new LinearHead.Softmax().bounds(1);
        LossBounds bounds = AdapterBounds.frozenA(2, 3, head);
        assertEquals(36 * 0.5, bounds.lipschitz().value());
        assertEquals(6 * head.gradientBound().value(), bounds.gradientBound().value(), 1e-14);
        assertEquals(LossCurvature.CONVEX, bounds.curvature());
        assertEquals(Assurance.PROVED, bounds.lipschitz().assurance());
        assertEquals(new LinearHead.Softmax().bounds(4), AdapterBounds.frozenAOnOutput(new LinearHead.Softmax(), 4));
    }

    @Test
    void refusesInOneSentence() {
        refused("at least one adapter, got none", () -> AdapterBounds.bothFactors(Constant.assumed(1), List.of()));
        refused("radius of an adapter's ball must be > 0", () -> new AdapterBounds.Ball(1, Constant.assumed(1), 0));
        refused(
                "bound of the gradient in W must be >= 0 and finite, got Infinity",
                () -> new AdapterBounds.Ball(1, Constant.unknown(), 1));
    }
}
