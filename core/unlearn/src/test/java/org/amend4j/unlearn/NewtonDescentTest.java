/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.Upward;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordObjective;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewtonDescentTest {

    private static final int PROBLEMS = 200;

    /** Steps as they were reported. */
    private static final class Told implements StepListener {
        private final List<Double> norms = new ArrayList<>();
        private double wanted;

        @Override
        public void madeStep(int step, int of) {
            throw new AssertionError("a Newton step is no step of the run");
        }

        @Override
        public void converging(int step, double gradientNorm, double wantedNorm) {
            norms.add(gradientNorm);
            assertEquals(norms.size(), step);
            wanted = wantedNorm;
        }
    }

    private static double[] descend(HeadProblem problem, double[] start, StepListener progress)
            throws InterruptedException {
        return NewtonDescent.run(problem.objective(), problem.bound(), start, progress);
    }

    private static double norm(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.gradient(theta, gradient);
        return Upward.norm(gradient);
    }

    /** Also from where the norm is so large that rounding hides the data: the steps forget it. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1e3, 1e9, 1e15, 1e100})
    void fromAnywhereTheNormsThatAreToldFallToWhatIsWanted(double radii) throws InterruptedException {
        Random random = new Random(5);
        for (int i = 0; i < PROBLEMS; i++) {
            HeadProblem problem = HeadProblem.random(random);
            ConvergenceBound bound = problem.bound();
            double[] start = problem.point(random, radii * bound.radius());
            Told told = new Told();
            double[] theta = descend(problem, start, told);
            double reached = norm(problem.objective(), theta);
            assertTrue(Upward.add(reached, bound.rounding()) <= bound.gradientNorm());
            assertTrue(Upward.norm(theta) <= bound.largestNorm());
            double before = norm(problem.objective(), start);
            for (double norm : told.norms) {
                assertTrue(norm < before, () -> told.norms + " in " + problem);
                before = norm;
            }
            if (!told.norms.isEmpty()) {
                assertEquals(reached, before);
                assertEquals(bound.gradientNorm(), told.wanted);
            }
        }
    }

    @Test
    void equalStartsGiveEqualBytesAndAreOnlyRead() throws InterruptedException {
        Random random = new Random(6);
        for (int i = 0; i < PROBLEMS; i++) {
            HeadProblem problem = HeadProblem.random(random);
            double[] start = problem.point(random, problem.bound().radius());
            double[] copy = start.clone();
            double[] once = descend(problem, start, StepListener.NONE);
            assertArrayEquals(copy, start, 0);
            assertArrayEquals(once, descend(problem, start, StepListener.NONE), 0);
            // what is small enough stays as it is
            Told told = new Told();
            assertArrayEquals(once, descend(problem, once, told), 0);
            assertEquals(List.of(), told.norms);
        }
    }

    /** Ten records that are separable, and little weight decay: a few steps, with a few products each. */
    private static HeadProblem severalSteps() {
        Random random = new Random(7);
        double[][] x = new double[10][];
        double[][] labels = new double[10][1];
        for (int r = 0; r < x.length; r++) {
            x[r] = random.doubles(4, -1, 1).toArray();
            labels[r][0] = x[r][0] > 0 ? 1 : 0;
        }
        return HeadProblem.of(x, labels, false, Optional.empty(), 1e-3);
    }

    @Test
    void anInterruptEndsItBetweenSteps() {
        HeadProblem problem = severalSteps();
        Told told = new Told();
        StepListener interrupt = new StepListener() {
            @Override
            public void madeStep(int step, int of) {}

            @Override
            public void converging(int step, double gradientNorm, double wanted) {
                told.converging(step, gradientNorm, wanted);
                if (step == 2) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        refused(
                InterruptedException.class,
                "stopped before the gradient was small",
                () -> descend(problem, new double[4], interrupt));
        assertEquals(2, told.norms.size());
        assertFalse(Thread.interrupted(), "the interrupt was used up");
    }

    @Test
    void anInterruptEndsItBetweenProducts() {
        HeadProblem problem = severalSteps();
        int[] products = {0};
        RecordObjective interrupting = new WithCurvature(problem.objective(), (operator, v, into) -> {
            operator.apply(v, into);
            products[0]++;
            Thread.currentThread().interrupt();
        });
        assertThrows(
                InterruptedException.class,
                () -> NewtonDescent.run(interrupting, problem.bound(), new double[4], StepListener.NONE));
        assertEquals(1, products[0]);
        assertFalse(Thread.interrupted(), "the interrupt was used up");
    }

    /** A product of the curvature that is something else. */
    private interface Product {
        void apply(SymmetricOperator operator, double[] v, double[] into);
    }

    private static final class WithCurvature extends Altered {
        private final HeadObjective head;
        private final Product product;

        WithCurvature(HeadObjective head, Product product) {
            super(head);
            this.head = head;
            this.product = product;
        }

        @Override
        public SymmetricOperator curvature(double[] theta) {
            SymmetricOperator right = head.curvature(theta);
            return new SymmetricOperator() {
                @Override
                public int dimension() {
                    return right.dimension();
                }

                @Override
                public void apply(double[] v, double[] into) {
                    product.apply(right, v, into);
                }
            };
        }
    }

    private static void endsWithASentence(RecordObjective objective, double[] start) {
        HeadProblem problem = severalSteps();
        refused(
                ArithmeticException.class,
                "the gradient must fall to a norm of " + problem.bound().gradientNorm() + ", got ",
                () -> NewtonDescent.run(objective, problem.bound(), start, StepListener.NONE));
    }

    /** 1e6 times too large, steps gain too little; 1e30 times too small, no halving makes them short enough. */
    @ParameterizedTest
    @ValueSource(doubles = {1e6, 1e-30})
    void aWrongCurvatureEndsItWithASentence(double factor) {
        HeadObjective head = severalSteps().objective();
        endsWithASentence(
                new WithCurvature(head, (operator, v, into) -> {
                    operator.apply(v, into);
                    Vectors.divide(into, 1 / factor);
                }),
                new double[4]);
    }

    /** {@code Σ θ_i³/3 + θ_i}: its gradient is never below 1 in any element, and shortest at 0. */
    @Test
    void aFunctionWithoutAMinimumEndsItWithASentence() {
        RecordObjective cubic = new Altered(severalSteps().objective()) {
            @Override
            public double valueAndGradient(double[] theta, double[] gradient) {
                for (int i = 0; i < theta.length; i++) {
                    gradient[i] = theta[i] * theta[i] + 1;
                }
                return Double.NaN;
            }
        };
        endsWithASentence(cubic, new double[4]);
        endsWithASentence(cubic, new double[] {3, -2, 1, 0.5});
    }

    @Test
    void whatIsNotFiniteEndsItWithASentence() {
        HeadObjective head = severalSteps().objective();
        endsWithASentence(head, new double[] {Double.NaN, 0, 0, 0});
        endsWithASentence(head, new double[] {1e300, 0, 0, 0});
    }
}
