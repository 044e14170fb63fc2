/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The inequality that all guarantees rest on, and the steps derived from it. */
class StepBoundsTest {

    private static final int SEEDS = 50;

    /** Central differences with h: h²/6 of a third derivative (below 1e3 here) and 2u·|J|/h, |J| below 100. */
    @ParameterizedTest
    @EnumSource(Problems.class)
    void theGradientsOfTheTestProblemsAgreeWithDifferences(Problems kind) {
        double h = 1e-5;
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            FactorProblem problem = kind.of(random, 0.1 * seed);
            double[] theta = problem.start(random, 0.7);
            double[] gradient = new double[theta.length];
            problem.valueAndGradient(theta, gradient);
            for (int i = 0; i < theta.length; i++) {
                double[] up = theta.clone();
                double[] down = theta.clone();
                up[i] += h;
                down[i] -= h;
                double difference = (problem.value(up) - problem.value(down)) / (2 * h);
                assertEquals(difference, gradient[i], 1e-7, kind + ", seed " + seed + ", element " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Problems.class)
    void noStepOfAnyLengthEverBreaksTheInequality(Problems kind) {
        for (int seed = 0; seed < 20 * SEEDS; seed++) {
            Random random = new Random(seed);
            FactorProblem problem = kind.of(random, seed % 3 == 0 ? random.nextDouble() : 0);
            double[] theta = problem.start(random, Math.pow(10, 2 * random.nextDouble() - 1));
            double[] gradient = new double[theta.length];
            Situation at = Situations.at(problem, theta, gradient);
            double step =
                    StepBounds.exactStep(problem.lipschitz(), 0.25, at) * Math.pow(10, 4 * random.nextDouble() - 3);

            double next = problem.value(Situations.moved(theta, step, gradient));

            double share = StepBounds.share(problem.lipschitz(), at, step);
            double bound = at.loss() - step * at.gradientNorm() * at.gradientNorm() * (1 - share);
            double rounding =
                    at.rounding() + Rounding.relative(problem.precision()) * (Math.abs(next) + Math.abs(bound));
            assertTrue(next <= bound + rounding, kind + ", seed " + seed + ": " + next + " > " + bound);
        }
    }

    /**
     * On {@code (L/2)(w - w*)²}, w = s·a·b < w*, a = b > 0, both parts of ΔW point the same way and the curvature term is
     * attained; only the product term has the other sign, so that the bound exceeds J₊ by s·n·η²·g² exactly.
     */
    @Test
    void theCurvatureTermIsAttainedByAScalarQuadratic() {
        double l = 0.7;
        double s = 1.5;
        SmoothLoss loss = new SmoothLoss.Quadratic(l, new double[] {4});
        FactorProblem problem = new FactorProblem(loss, List.of(new FactorProblem.Layer(1, 1, 1, s)), new double[1], 0);
        double[] theta = {0.5, 0.5};
        double[] gradient = new double[2];
        Situation at = Situations.at(problem, theta, gradient);
        double squared = at.gradientNorm() * at.gradientNorm();
        for (double step : new double[] {0.01, 0.3, 1, 4}) {
            double bound = at.loss() - step * squared * (1 - StepBounds.share(l, at, step));
            double next = problem.value(Situations.moved(theta, step, gradient));
            double product = s * at.adapters().get(0).weightGradientNorm() * step * step * squared;
            // some thirty roundings; spectral norms are rounded up by less than 32 units
            assertEquals(bound - product, next, 64 * 0x1p-53 * (bound + product + at.loss()), "step " + step);
        }
    }

    @ParameterizedTest
    @EnumSource(Problems.class)
    void theExactStepIsTheLargestThatTheInequalityAllows(Problems kind) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            FactorProblem problem = kind.of(random, seed % 2);
            Situation at = Situations.at(problem, problem.start(random, 1), new double[problem.dimension()]);
            double c = 0.05 + 0.9 * random.nextDouble();
            double step = StepBounds.exactStep(problem.lipschitz(), c, at);
            assertTrue(StepBounds.share(problem.lipschitz(), at, step) <= 1 - c, kind + ", seed " + seed);
            // it stops 2^-40 below 1 - c on purpose
            assertTrue(
                    StepBounds.share(problem.lipschitz(), at, step * (1 + 0x1p-38)) > 1 - c, kind + ", seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(Problems.class)
    void theStepsAreOrderedAsTheProofsSay(Problems kind) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            FactorProblem problem = kind.of(random, 0);
            Situation at = Situations.at(problem, problem.start(random, 1), new double[problem.dimension()]);
            double l = problem.lipschitz();
            double closed = StepBounds.closedForm(l, at);
            // 1e-9: the exact step stops 2^-40 early, norms are rounded up
            assertTrue(StepBounds.exactStep(l, StepBounds.CLOSED_FORM_C, at) >= closed * (1 - 1e-9));
            for (double c : new double[] {0.5, 0.9}) {
                double least = closed / StepRule.ExactStep.shortening(c);
                assertTrue(StepBounds.exactStep(l, c, at) >= least * (1 - 1e-9), kind + ", seed " + seed);
            }
            assertTrue(StepBounds.muKlabjan(l, at) <= closed, kind + ", seed " + seed);
        }
    }

    /** (1/2)(1-y)(1+y/2)² + y/2 is what curvature eats at the closed form, y the share of s·n in its denominator. */
    @Test
    void theConstantOfTheClosedFormIsTheWorstCaseOfItsCubic() {
        double worst = 0;
        for (int i = 0; i <= 1_000_000; i++) {
            double y = i / 1e6;
            worst = Math.max(worst, (1 - y) * (1 + y / 2) * (1 + y / 2) / 2 + y / 2);
        }
        // the grid misses the maximum by at most |f''|·(1e-6)²/8 < 1e-12
        assertEquals(1 - worst, StepBounds.CLOSED_FORM_C, 1e-12);
        assertEquals(0.35894, StepBounds.CLOSED_FORM_C, 5e-6);
    }

    @Test
    void withoutTheMaximumTheStepOfMuAndKlabjanIsUnsafeForSmallL() {
        // w = a·b with a = b = 0.1, ∂ℓ/∂w = 10, L = 0.01: the step as written is 1, and the loss rises by 8.0
        double l = 0.01;
        SmoothLoss loss = new SmoothLoss.Quadratic(l, new double[] {0.01 - 10 / l});
        FactorProblem problem = new FactorProblem(loss, List.of(new FactorProblem.Layer(1, 1, 1, 1)), new double[1], 0);
        double[] theta = {0.1, 0.1};
        double[] gradient = new double[2];
        Situation at = Situations.at(problem, theta, gradient);
        double asWritten = Math.min(1, 1 / (4 * Math.sqrt(2) * l * (0.02 + 10)));
        assertEquals(1, asWritten);
        double rise = problem.value(Situations.moved(theta, asWritten, gradient)) - at.loss();
        assertEquals(10 * 0.8 + l / 2 * 0.8 * 0.8, rise, 1e-8); // J is 5000, u·J = 1e-12, ten roundings

        double safe = StepBounds.muKlabjan(l, at);
        double fall = at.loss() - problem.value(Situations.moved(theta, safe, gradient));
        assertTrue(fall >= safe / 4 * at.gradientNorm() * at.gradientNorm());
    }

    @Test
    void directlyTrainedParametersAloneGetTheStepsOfSmoothFunctions() {
        Situation at = new Situation(1, 2, 0, List.of(), 2, new ProblemShape(0, 0, true, 0), Double.NaN, 0);
        assertEquals(1 / 3.0, StepBounds.closedForm(3, at));
        assertEquals(1.5 / 3, StepBounds.exactStep(3, 0.25, at), 1e-12);
        assertEquals(1 / 3.0, StepBounds.muKlabjan(3, at));
        assertEquals(1, StepBounds.muKlabjan(0.5, at));
        Situation decayed = new Situation(1, 2, 0, List.of(), 2, new ProblemShape(0, 0, true, 0.7), Double.NaN, 0);
        assertEquals(1.5 / 3.7, StepBounds.exactStep(3, 0.25, decayed), 1e-12);
    }

    /** A gradient of 1e155: a step of 1 would lead where squares overflow. */
    @Test
    void theExactStepIsFoundThoughAStepOfOneOverflows() {
        AdapterState steep = new AdapterState(1, 2, 1e155, 1);
        Situation at = new Situation(1, 1e155, 2, List.of(steep), 0, new ProblemShape(1, 1, false, 0), Double.NaN, 0);
        assertEquals(Double.POSITIVE_INFINITY, StepBounds.share(3, at, 1));
        double step = StepBounds.exactStep(3, 0.25, at);
        assertTrue(step > 0, step + "");
        assertTrue(StepBounds.share(3, at, step) <= 0.75);
        assertTrue(StepBounds.share(3, at, step * (1 + 0x1p-38)) > 0.75);
    }

    @Test
    void theRulesOfMuAndKlabjansExperimentsAreTheirFormulas() {
        AdapterState one = new AdapterState(1, 2, 3, 4);
        AdapterState two = new AdapterState(0.5, 2, 3, 3);
        Situation at = new Situation(9, 16, 2, List.of(one, two), 0, new ProblemShape(2, 1, false, 0), Double.NaN, 0);
        assertEquals(0.9 / (4 + 5), StepBounds.adapt(0.9, at));
        assertEquals(0.7 / (4 + 3), StepBounds.adapt2(0.7, at));
        assertEquals(0.2 / 4, StepBounds.norm(0.2, at));
        assertEquals(1, StepBounds.adapt(1e9, at));
        assertEquals(1, StepBounds.adapt2(1e9, at));
        assertEquals(1, StepBounds.norm(1e9, at));
        // several layers: 2·s²·L = 6; ‖s∇ℓ‖² = 16 + 2.25
        assertEquals(1 / (4 * Math.sqrt(2) * 6 * (4 + Math.sqrt(18.25))), StepBounds.muKlabjan(3, at), 1e-17);
    }
}
