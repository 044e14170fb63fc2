/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.SymmetryDefect;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HessianVector.Stencil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HessianVectorTest {

    private static final Objective KINK = new Line(Math::abs, Math::signum);

    /** A function, a point and a unit direction. */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record Case(AnalyticObjective objective, double[] theta, double[] u) {

        static Case of(int seed) {
            Random random = new Random(seed);
            AnalyticObjective objective = seed % 2 == 0
                    ? new CosineSum(1 + random.nextInt(20), 1 + random.nextInt(12), seed)
                    : new SoftmaxRegression(
                            1 + random.nextInt(10), 1 + random.nextInt(5), 2 + random.nextInt(3), 0.01, seed);
            int d = objective.dimension();
            double[] theta = Vectors.randomUnit(d, random);
            double length = 4 * random.nextDouble();
            Vectors.divide(theta, 1 / Math.max(length, 0.01));
            return new Case(objective, theta, Vectors.randomUnit(d, random));
        }

        double error(double[] product) {
            double[] difference = objective.hessian(theta, u);
            Vectors.add(-1, product, difference);
            return Vectors.norm(difference);
        }

        double[] product(SymmetricOperator operator) {
            double[] into = new double[u.length];
            operator.apply(u, into);
            return into;
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 240);
    }

    /** 1e-14 covers the rounding of the analytic products of order 1. */
    @ParameterizedTest
    @MethodSource("seeds")
    void a_product_agrees_with_the_analytic_hessian_within_truncation_and_rounding(int seed) {
        Case c = Case.of(seed);
        HessianVector hessian = HessianVector.at(c.objective, c.theta);
        double bound = c.objective.productBound(c.theta, hessian.step()) + 1e-14;
        double error = c.error(c.product(hessian));
        assertTrue(error <= bound, error + " > " + bound);
    }

    /** The twin of the law above: one-sided differences, of first order, break its bound. */
    @Test
    void one_sided_differences_break_the_bound() {
        int broken = 0;
        for (int seed = 0; seed < 40; seed++) {
            Case c = Case.of(seed);
            double h = HessianVector.at(c.objective, c.theta).step();
            double[] forward = new double[c.u.length];
            double[] here = new double[c.u.length];
            double[] point = c.theta.clone();
            Vectors.add(h, c.u, point);
            c.objective.valueAndGradient(point, forward);
            c.objective.valueAndGradient(c.theta, here);
            Vectors.add(-1, here, forward);
            Vectors.divide(forward, h);
            broken += c.error(forward) > c.objective.productBound(c.theta, h) + 1e-14 ? 1 : 0;
        }
        assertTrue(broken >= 36, broken + " of 40");
    }

    /** {@code (J(θ+tu) - 2J(θ) + J(θ-tu))/t²} errs by {@code t²/12·M₄ + 4δ/t²}, δ the rounding of a value and its point. */
    @ParameterizedTest
    @MethodSource("seeds")
    void the_quadratic_form_agrees_with_second_differences_of_the_value(int seed) {
        Case c = Case.of(seed);
        double t = 3e-4;
        double[] plus = c.theta.clone();
        double[] minus = c.theta.clone();
        Vectors.add(t, c.u, plus);
        Vectors.add(-t, c.u, minus);
        double difference =
                (c.objective.value(plus) - 2 * c.objective.value(c.theta) + c.objective.value(minus)) / (t * t);
        HessianVector hessian = HessianVector.at(c.objective, c.theta);
        double[] gradient = new double[c.u.length];
        c.objective.valueAndGradient(c.theta, gradient);
        double slope = Vectors.norm(gradient) + t * c.objective.hessianNorm();
        double delta =
                c.objective.valueRounding(c.theta) + AnalyticObjective.UNIT * slope * (Vectors.norm(c.theta) + 1);
        double bound = t * t / 12 * c.objective.thirdOfGradient()
                + 4 * delta / (t * t)
                + c.objective.productBound(c.theta, hessian.step());
        assertEquals(difference, Vectors.dot(c.u, c.product(hessian)), bound);
        assertTrue(bound < 1e-2, "a bound that means something, got " + bound);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void products_are_linear_and_symmetric_within_their_error(int seed) {
        Case c = Case.of(seed);
        HessianVector hessian = HessianVector.at(c.objective, c.theta);
        double bound = c.objective.productBound(c.theta, hessian.step());
        double[] v = Vectors.randomUnit(c.u.length, new Random(-seed));
        double[] hu = c.product(hessian);
        double[] hv = new double[v.length];
        hessian.apply(v, hv);
        assertEquals(Vectors.dot(c.u, hv), Vectors.dot(v, hu), 2 * bound + 1e-14);
        double[] sum = new double[v.length];
        Vectors.add(3, c.u, sum);
        Vectors.add(-2, v, sum);
        double[] defect = new double[v.length];
        hessian.apply(sum, defect);
        Vectors.add(-3, hu, defect);
        Vectors.add(2, hv, defect);
        // each product errs by its bound times the length of its vector
        assertTrue(Vectors.norm(defect) <= (Vectors.norm(sum) + 3 + 2) * bound + 1e-13);
    }

    @Test
    void opposite_and_doubled_vectors_give_exactly_opposite_and_doubled_products() {
        Case c = Case.of(2);
        HessianVector hessian = HessianVector.at(c.objective, c.theta);
        double[] product = c.product(hessian);
        double[] scaled = c.u.clone();
        Vectors.divide(scaled, -0.5);
        double[] ofScaled = new double[scaled.length];
        hessian.apply(scaled, ofScaled);
        Vectors.divide(ofScaled, -2);
        assertArrayEquals(product, ofScaled, 0);
        assertArrayEquals(new double[scaled.length], productOfZero(hessian), 0);
    }

    private static double[] productOfZero(HessianVector hessian) {
        double[] into = new double[hessian.dimension()];
        Arrays.fill(into, 7);
        hessian.apply(new double[into.length], into);
        return into;
    }

    /** Halving a step divides the error by 4, or by 16, wherever it is far above rounding (ε/h is 1e-14 here). */
    @Test
    void the_stencils_have_the_orders_they_claim() {
        int compared = 0;
        for (int seed = 0; seed < 40; seed++) {
            Case c = Case.of(seed);
            for (Stencil stencil : Stencil.values()) {
                double order = stencil == Stencil.TWO_POINT ? 4 : 16;
                double coarse = c.error(c.product(HessianVector.at(c.objective, c.theta, stencil, 0.1)));
                double fine = c.error(c.product(HessianVector.at(c.objective, c.theta, stencil, 0.05)));
                if (fine > 1e-11) {
                    assertEquals(order, coarse / fine, 0.05 * order, stencil + ", seed " + seed);
                    compared++;
                }
            }
        }
        assertTrue(compared > 40, "compared " + compared);
    }

    /** Four gradients buy about two digits; 10 times in the geometric mean is what is asked for here. */
    @Test
    void four_points_pay() {
        double logs = 0;
        for (int seed = 0; seed < 80; seed += 2) {
            Case c = Case.of(seed);
            double two = c.error(c.product(HessianVector.at(c.objective, c.theta)));
            double four = c.error(c.product(HessianVector.at(c.objective, c.theta, Stencil.FOUR_POINT)));
            logs += Math.log10(Math.max(two, 1e-17) / Math.max(four, 1e-17)) / 40;
        }
        assertTrue(logs > 1, "digits gained: " + logs);
    }

    /** Estimates may meet rounding by chance only in its order of magnitude, hence the factor 4. */
    @ParameterizedTest
    @MethodSource("seeds")
    void the_error_estimate_is_of_the_order_of_the_error(int seed) {
        Case c = Case.of(seed);
        HessianVector coarse = HessianVector.at(c.objective, c.theta, Stencil.TWO_POINT, 1e-2);
        double error = c.error(c.product(coarse));
        double estimate = coarse.error(c.u);
        assertTrue(error <= 4 * estimate + 1e-12, error + " against " + estimate);
        assertTrue(estimate <= 5 * c.objective.productBound(c.theta, 1e-2), estimate + " is too large");
    }

    /** A gradient's jump of 1 at a kink is divided by the step: the estimate shows it. */
    @Test
    void a_kink_shows_in_the_error_estimate() {
        HessianVector hessian = HessianVector.at(KINK, new double[] {0});
        assertTrue(hessian.error(new double[] {1}) > 1e3, "got " + hessian.error(new double[] {1}));
    }

    @Test
    void the_symmetry_defect_is_rounding_for_a_hessian() {
        for (int seed = 0; seed < 20; seed++) {
            Case c = Case.of(seed);
            SymmetryDefect defect = HessianVector.at(c.objective, c.theta).symmetryDefect(4, seed);
            double bound = c.objective.productBound(
                    c.theta, HessianVector.at(c.objective, c.theta).step());
            // a pair differs by at most two errors, times d in the estimate
            assertTrue(defect.asymmetry() <= 2 * bound * c.u.length + 1e-13, defect.toString());
        }
    }

    @Test
    void float_objectives_are_refused() {
        Objective single = new Line(Math::abs, Math::signum, Precision.FLOAT);
        refused("computes in DOUBLE, got FLOAT", () -> HessianVector.at(single, new double[1]));
        refused("computes in DOUBLE, got FLOAT", () -> HessianVector.at(single, new double[1], Stencil.FOUR_POINT, 1));
    }

    @Test
    void bad_arguments_are_refused() {
        refused("theta must have 1 elements, got 2", () -> HessianVector.at(KINK, new double[2]));
        refused("theta must be finite", () -> HessianVector.at(KINK, new double[] {Double.NaN}));
        refused("step of a difference must be > 0", () -> HessianVector.at(KINK, new double[1], Stencil.TWO_POINT, 0));
        HessianVector hessian = HessianVector.at(KINK, new double[1]);
        refused("v must have 1 elements", () -> hessian.apply(new double[2], new double[1]));
        refused("into must have 1 elements", () -> hessian.apply(new double[1], new double[2]));
        refused("v must be finite", () -> hessian.apply(new double[] {Double.NaN}, new double[1]));
        refused("number of pairs must be >= 1", () -> hessian.symmetryDefect(0, 1));
    }

    @Test
    void a_gradient_that_is_not_finite_aborts() {
        Line root = new Line(x -> 0, Math::sqrt);
        HessianVector atTheBorder = HessianVector.at(root, new double[] {0});
        refused(
                ArithmeticException.class,
                "the gradient must be finite near the point, got NaN in element 0",
                () -> atTheBorder.apply(new double[] {1}, new double[1]));
    }
}
