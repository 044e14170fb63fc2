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
import org.amend4j.numeric.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeadCurvatureTest {

    private static final double UNIT = 0x1p-53;

    /** Of central differences: about the third root of a unit, where truncation and rounding are alike. */
    private static final double STEP = 1e-5;

    /** A head, a point and two unit directions. */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record Case(HeadObjective head, double[] theta, double[] u, double[] v) {

        static Case of(int seed) {
            Random random = new Random(seed);
            int records = 1 + random.nextInt(40);
            int inputs = 1 + random.nextInt(9);
            double[][] x = new double[records][];
            double[] labels = random.doubles(records).toArray();
            int[] classes = random.ints(records, 0, 4).toArray();
            for (int r = 0; r < records; r++) {
                x[r] = random.doubles(inputs, -1, 1).toArray();
            }
            HeadObjective head =
                    seed % 2 == 0 ? HeadObjective.logistic(x, labels) : HeadObjective.softmax(x, classes, 4);
            head = seed % 3 == 0 ? head.withBias() : head;
            head = seed % 5 == 0 ? head.withNormaliser(1.25 * records) : head;
            head = head.withWeightDecay(0.01 * (seed % 7));
            int some = 1 + random.nextInt(records);
            head = seed % 11 == 0 ? head.restrictedTo(RecordIds.firstN(some)) : head;
            int d = head.dimension();
            double[] theta = random.doubles(d, -2, 2).toArray();
            return new Case(head, theta, Vectors.randomUnit(d, random), Vectors.randomUnit(d, random));
        }

        double[] product(double[] direction) {
            return HeadCurvatureTest.product(head.curvature(theta), direction);
        }

        /** X, with the feature of a bias, rounded up. */
        double radius() {
            return Math.sqrt(head.largestFeatureNorm() * head.largestFeatureNorm() + 1) * (1 + 1e-15);
        }

        /** s, the records over the normaliser. */
        double share() {
            int records = head.records().size();
            return records / head.fixedNormaliser().orElse(records);
        }

        /**
         * Of a gradient, as in docs/privacy.md, (9), with a sum of n numbers off by n units of them at most, and n + 1 features.
         */
        double gradientRounding(double norm) {
            double x = radius();
            int c = head.outputs();
            double residual = (head.inputs() + 1 + Math.sqrt(2.0 * c)) * UNIT * x * norm / 2 + (8 + c) * UNIT;
            double record = (head.records().size() + 4) * UNIT * Math.sqrt(2) * x + x * residual;
            return share() * record + 4 * UNIT * head.weightDecay() * norm;
        }

        /** The largest eigenvalue that the curvature can have. */
        double largest() {
            return share() * radius() * radius() / 2 + head.weightDecay();
        }

        /** Of a product with a unit vector: sums of n and of the features, and chances that are good to 8 + c units. */
        double productRounding() {
            return (head.records().size() + 3 * head.inputs() + 2 * head.outputs() + 20) * UNIT * 4 * largest();
        }

        /**
         * A fourth derivative of a record's loss along a unit vector is at most 2X⁴ (see SoftmaxRegression; X⁴/8 for one output), so that
         * differences err by h²/6 of it; each of the two gradients is off by its rounding and by that of its point.
         */
        double differenceError() {
            double norm = Vectors.norm(theta) + 1;
            double point = UNIT * norm * largest();
            double truncation = STEP * STEP / 6 * share() * 2 * Math.pow(radius(), 4);
            return truncation + (gradientRounding(norm) + point) / STEP;
        }

        double[] difference() {
            double[] plus = gradientAt(STEP);
            Vectors.add(-1, gradientAt(-STEP), plus);
            Vectors.divide(plus, 2 * STEP);
            return plus;
        }

        private double[] gradientAt(double t) {
            double[] point = theta.clone();
            Vectors.add(t, u, point);
            double[] gradient = new double[point.length];
            head.gradient(point, gradient);
            return gradient;
        }
    }

    private static double[] product(SymmetricOperator operator, double[] direction) {
        double[] into = new double[direction.length];
        Arrays.fill(into, 7);
        operator.apply(direction, into);
        return into;
    }

    private static double distance(double[] a, double[] b) {
        double[] difference = a.clone();
        Vectors.add(-1, b, difference);
        return Vectors.norm(difference);
    }

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aProductIsTheCentralDifferenceOfGradients(int seed) {
        Case c = Case.of(seed);
        double error = distance(c.difference(), c.product(c.u));
        double allowed = c.differenceError() + c.productRounding();
        assertTrue(error <= allowed, () -> error + " is above " + allowed);
        assertTrue(allowed < 1e-6, () -> "a bound that means something, got " + allowed);
    }

    /** The twin: the curvature at a point a thousandth away is another one. */
    @Test
    void theCurvatureOfAnotherPointIsSeen() {
        int seen = 0;
        for (int seed = 0; seed < 300; seed++) {
            Case c = Case.of(seed);
            double[] away = c.theta.clone();
            Vectors.add(1e-3, c.u, away);
            double error = distance(c.difference(), product(c.head.curvature(away), c.u));
            seen += error > c.differenceError() + c.productRounding() ? 1 : 0;
        }
        assertTrue(seen > 250, seen + " of 300");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void itIsSymmetricAndAtLeastTheWeightDecay(int seed) {
        Case c = Case.of(seed);
        double[] hu = c.product(c.u);
        double[] hv = c.product(c.v);
        assertEquals(Vectors.dot(c.v, hu), Vectors.dot(c.u, hv), 3 * c.productRounding());
        double along = Vectors.dot(c.u, hu);
        assertTrue(along >= c.head.weightDecay() - 2 * c.productRounding(), () -> along + " along a direction");
        assertTrue(along <= c.largest() + 2 * c.productRounding(), () -> along + " along a direction");
    }

    @Test
    void productsOfDoubledAndOppositeVectorsAreDoubledAndOppositeToTheByte() {
        for (int seed = 0; seed < 50; seed++) {
            Case c = Case.of(seed);
            double[] scaled = c.product(Arrays.stream(c.u).map(e -> -2 * e).toArray());
            Vectors.divide(scaled, -2);
            assertArrayEquals(c.product(c.u), scaled, 0);
        }
    }

    /** Chances of 0 and 1, which no exponential overflows for: what is left is the weight decay. */
    @Test
    void farAwayOnlyTheWeightDecayIsLeft() {
        HeadObjective head = HeadObjective.softmax(new double[][] {{1, 2}, {3, 1}}, new int[] {0, 1}, 2)
                .withWeightDecay(0.25);
        double[] v = {1, -2, 3, 5};
        double[] far = {1e6, 1e6, -1e6, -1e6};
        assertArrayEquals(new double[] {0.25, -0.5, 0.75, 1.25}, product(head.curvature(far), v), 0);
        HeadObjective logistic = HeadObjective.logistic(new double[][] {{1, 2}}, new double[] {1})
                .withWeightDecay(0.25);
        assertArrayEquals(
                new double[] {0.25, -0.5},
                product(logistic.curvature(new double[] {1e6, 1e6}), new double[] {1, -2}),
                0);
    }

    @Test
    void vectorsOfAnotherLengthAreRefused() {
        HeadObjective head = HeadObjective.logistic(new double[][] {{1, 2}}, new double[] {1});
        refused("the parameter vector must have 2 elements", () -> head.curvature(new double[3]));
        SymmetricOperator curvature = head.curvature(new double[2]);
        refused("v must have 2 elements", () -> curvature.apply(new double[3], new double[2]));
        refused("into must have 2 elements", () -> curvature.apply(new double[2], new double[3]));
    }
}
