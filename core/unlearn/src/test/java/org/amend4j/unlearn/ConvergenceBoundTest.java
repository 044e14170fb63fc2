/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a small gradient proves, against 50 digits: docs/unlearning.md, (12) and (13). */
class ConvergenceBoundTest {

    private static final int PROBLEMS = 1000;

    /** How far the minimiser in 50 digits may be from the true one; see {@link ExactHead#minimiser}. */
    private static final BigDecimal NEARLY = new BigDecimal("1e-35");

    private static final List<Solved> SOLVED = new ArrayList<>();

    /** A problem, its models from two starts, and its minimiser. */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record Solved(HeadProblem problem, double[] fromZero, double[] fromAfar, BigDecimal[] minimiser) {

        BigDecimal distance(double[] model) {
            return ExactHead.distance(ExactHead.exactly(model), minimiser).add(NEARLY);
        }

        /** G/λ, rounded down. */
        BigDecimal half() {
            ConvergenceBound bound = problem.bound();
            return new BigDecimal(Math.nextDown(bound.gradientNorm() / bound.weightDecay()));
        }
    }

    @BeforeAll
    static void solve() throws InterruptedException {
        Random random = new Random(12);
        SOLVED.clear();
        for (int i = 0; i < PROBLEMS; i++) {
            HeadProblem problem = HeadProblem.random(random);
            double[] model = problem.model(new double[problem.objective().dimension()]);
            double[] start = problem.point(random, 3 * problem.bound().radius());
            SOLVED.add(new Solved(
                    problem, model, problem.model(start), problem.exact().minimiser(model)));
        }
    }

    @Test
    void everyModelIsWithinItsGradientNormOverWeightDecayOfTheMinimiser() {
        for (Solved solved : SOLVED) {
            for (double[] model : List.of(solved.fromZero, solved.fromAfar)) {
                BigDecimal distance = solved.distance(model);
                assertTrue(distance.compareTo(solved.half()) <= 0, () -> distance + " in " + solved.problem);
            }
        }
    }

    /** The twin: a descent that ends at ten times the norm is further away, at least once. */
    @Test
    void aDescentThatStopsTooEarlyBreaksTheBound() throws InterruptedException {
        int broken = 0;
        Random random = new Random(13);
        for (Solved solved : SOLVED.subList(0, 200)) {
            HeadProblem problem = solved.problem;
            ConvergenceBound bound = problem.bound();
            if (10 * bound.gradientNorm() < bound.weightDecay() * bound.radius()) {
                double[] start = problem.point(random, 3 * bound.radius());
                double[] early = NewtonDescent.run(
                        problem.objective(),
                        bound.withGradientNorm(10 * bound.gradientNorm()),
                        start,
                        StepListener.NONE);
                broken += solved.distance(early).compareTo(solved.half()) > 0 ? 1 : 0;
            }
        }
        assertTrue(broken > 0, "no descent stopped too early");
    }

    @Test
    void twoModelsOfTheSameRecordsAreWithinDelta() {
        for (Solved solved : SOLVED) {
            BigDecimal distance =
                    ExactHead.distance(ExactHead.exactly(solved.fromZero), ExactHead.exactly(solved.fromAfar));
            ConvergenceBound bound = solved.problem.bound();
            assertTrue(
                    distance.compareTo(new BigDecimal(bound.delta())) <= 0, () -> distance + " in " + solved.problem);
            // 2G/λ, rounded up
            assertTrue(new BigDecimal(bound.delta())
                            .multiply(new BigDecimal(bound.weightDecay()))
                            .compareTo(new BigDecimal(2 * bound.gradientNorm()))
                    >= 0);
            assertEquals(2 * bound.gradientNorm() / bound.weightDecay(), bound.delta(), Math.ulp(bound.delta()));
        }
    }

    @Test
    void noMinimiserAndNoModelIsLongerThanItsBound() {
        double longest = 0;
        for (Solved solved : SOLVED) {
            ConvergenceBound bound = solved.problem.bound();
            BigDecimal norm = ExactHead.norm(solved.minimiser).add(NEARLY);
            assertTrue(norm.compareTo(new BigDecimal(bound.radius())) <= 0, () -> norm + " in " + solved.problem);
            for (double[] model : List.of(solved.fromZero, solved.fromAfar)) {
                BigDecimal length = ExactHead.norm(ExactHead.exactly(model));
                assertTrue(length.compareTo(new BigDecimal(bound.largestNorm())) <= 0);
            }
            longest = Math.max(longest, norm.doubleValue() / bound.radius());
        }
        // the bound is not much above the longest: a radius of half of it would be broken
        assertTrue(longest > 0.5, "the longest minimiser has " + longest + " of its bound");
    }

    @Test
    void aComputedGradientIsWithinTheRoundingOfTheExactOne() {
        Random random = new Random(14);
        for (Solved solved : SOLVED) {
            double[] theta = solved.problem.point(random, solved.problem.bound().largestNorm());
            for (double[] at : List.of(theta, solved.fromZero)) {
                BigDecimal error = solved.problem.gradientError(at);
                assertTrue(
                        error.compareTo(new BigDecimal(solved.problem.bound().rounding())) <= 0,
                        () -> error + " in " + solved.problem);
            }
        }
    }
}
