/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises and rates on random problems, and twins that show that a broken promise is seen. */
class GuaranteeLawsTest {

    private static final int SEEDS = 6;
    private static final int STEPS = 150;

    /**
     * The rates add up T inequalities; each is off by the rounding of two values, about 1e-14 of J₀, so that T = 150 of
     * them shift Δ₀ by 2e-12 of it. A thousand times that.
     */
    private static final double SUMMED = 1 + 2e-9;

    enum Guaranteed {
        CLOSED_FORM(StepRule.ClosedForm::new, false),
        EXACT(StepRule.ExactStep::of, true),
        EXACT_DEMANDING(l -> new StepRule.ExactStep(l, 0.8), true),
        ARMIJO(l -> StepRule.Armijo.of(1).withSmoothness(l), true),
        ARMIJO_DEMANDING(l -> new StepRule.Armijo(0.7, 0.01, Optional.of(l)), true),
        MU_KLABJAN(StepRule.MuKlabjan::new, false);

        final Function<Smoothness, StepRule> rule;
        final boolean coversWeightDecay;

        Guaranteed(Function<Smoothness, StepRule> rule, boolean coversWeightDecay) {
            this.rule = rule;
            this.coversWeightDecay = coversWeightDecay;
        }
    }

    /** 6 rules × 4 kinds of problems × 6 seeds × up to 150 steps. */
    @ParameterizedTest
    @EnumSource(Guaranteed.class)
    void everyStepKeepsItsPromiseAndEveryRunItsRates(Guaranteed guaranteed) {
        int steps = 0;
        for (Problems kind : Problems.values()) {
            for (int seed = 0; seed < SEEDS; seed++) {
                Random random = new Random(seed);
                double weightDecay = guaranteed.coversWeightDecay && seed % 2 == 1 ? 0.3 * random.nextDouble() : 0;
                FactorProblem problem = kind.of(random, weightDecay);
                double[] start = problem.start(random, 0.1 + seed * 0.3);
                StepRule rule = guaranteed.rule.apply(Smoothness.proved(problem.lipschitz()));
                DescentResult result = new GradientDescent(problem, rule, DescentOptions.of(STEPS)).run(start);
                String place = guaranteed + ", " + kind + ", seed " + seed;
                assertEquals(result.records().size(), result.promises().promises(), place);
                assertTrue(result.promises().kept(), place + ": " + result.promises());
                requireRates(problem, rule, start, result, place);
                steps += result.records().size();
            }
        }
        // Armijo may stall early where it arrives at a minimum; together the rules make more than 10,000 steps
        assertTrue(steps >= 2000, steps + " steps only");
    }

    private static void requireRates(
            FactorProblem problem, StepRule rule, double[] start, DescentResult result, String place) {
        RateBounds bounds = RateBounds.of(rule, problem, result.records());
        List<RateBounds> all = RateBounds.afterEachStep(rule, problem, 0, result.records());
        assertEquals(result.records().size(), all.size(), place);
        assertEquals(bounds, all.get(all.size() - 1), place);
        assertEquals(RateBounds.of(rule, problem, result.records().subList(0, 1)), all.get(0), place);
        assertTrue(bounds.smallestSquaredGradient() <= bounds.alongTheRun() * SUMMED, place);
        assertTrue(bounds.alongTheRun() <= bounds.beforeTheRun().getAsDouble() * SUMMED, place);
        assertTrue(bounds.stepSum() * SUMMED >= bounds.leastStepSum().getAsDouble(), place);
        RateConstants rate = bounds.rate().orElseThrow();
        double twoTerms = rate.twoTermBound(bounds.steps(), bounds.delta0(), bounds.initialAdapterNorm());
        assertTrue(bounds.beforeTheRun().getAsDouble() <= twoTerms * SUMMED, place);

        double[] moved = Situations.moved(result.last().theta(), 1, start);
        assertTrue(Vectors.squares(moved, 0, moved.length) <= bounds.squaredDistanceBound() * SUMMED, place);

        if (rule instanceof StepRule.MuKlabjan) {
            double logarithmic = bounds.muKlabjanBeforeTheRun().getAsDouble();
            assertEquals(bounds.alongTheRun(), bounds.muKlabjanAlongTheRun().getAsDouble(), place);
            assertTrue(bounds.alongTheRun() <= logarithmic * SUMMED, place);
            assertTrue(bounds.beforeTheRun().getAsDouble() <= logarithmic * SUMMED, place);
        }
    }

    @ParameterizedTest
    @EnumSource(Problems.class)
    void backtrackingKeepsItsPromiseWithoutKnowingL(Problems kind) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            FactorProblem problem = kind.of(random, 0.1 * seed);
            StepRule rule = StepRule.Armijo.of(1);
            DescentResult result =
                    new GradientDescent(problem, rule, DescentOptions.of(STEPS)).run(problem.start(random, 1));
            assertTrue(result.promises().kept(), kind + ", seed " + seed + ": " + result.promises());
            RateBounds bounds = RateBounds.of(rule, problem, 0, result.records());
            assertTrue(bounds.smallestSquaredGradient() <= bounds.alongTheRun() * SUMMED, kind + ", seed " + seed);
            assertTrue(bounds.beforeTheRun().isEmpty());
        }
    }

    /** In float64 and without a tolerance: a step that it takes leads no higher. */
    @ParameterizedTest
    @EnumSource(Problems.class)
    void backtrackingNeverRaisesTheLoss(Problems kind) {
        int steps = 0;
        for (long seed = 100; seed < 100 + SEEDS; seed++) {
            FactorProblem problem = kind.of(new Random(seed), 0.2);
            double[] start = problem.start(new Random(-seed), 1);
            GradientDescent descent = new GradientDescent(problem, StepRule.Armijo.of(1), DescentOptions.of(STEPS));
            for (StepRecord step : descent.run(start).records()) {
                assertTrue(step.nextLoss() <= step.loss(), kind + ", seed " + seed + ", step " + step.step());
                steps++;
            }
        }
        assertTrue(steps > 100, steps + " steps only");
    }

    /** Near the minimum of {@code (L/2)(w - w*)²}, w = s·a·b, the inequality is tight: a doubled step must be seen. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 3})
    void aDoubledStepFailsTheSameCheck(double scaling) {
        FactorProblem problem = tight(scaling);
        Smoothness known = Smoothness.proved(problem.lipschitz());
        for (StepRule rule : List.of(new StepRule.ClosedForm(known), StepRule.ExactStep.of(known))) {
            assertTrue(oneStep(problem, rule, 1).kept(), rule.name());
            PromiseCheck doubled = oneStep(problem, rule, 2);
            assertEquals(1, doubled.broken(), rule.name());
            assertTrue(doubled.worst() > 0);
            assertEquals(0, doubled.worstStep());
        }
    }

    private static PromiseCheck oneStep(FactorProblem problem, StepRule rule, double factor) {
        double[] theta = {1, 1};
        double[] gradient = new double[2];
        Situation at = Situations.at(problem, theta, gradient);
        double step = factor * rule.stepSize(at, eta -> Double.NaN).getAsDouble();
        double g = at.gradientNorm();
        double next = problem.valueAndGradient(Situations.moved(theta, step, gradient), gradient);
        double promised = rule.c().getAsDouble() * step * g * g;
        StepRecord record = new StepRecord(0, at.loss(), g, at.adapterNorm(), step, promised, next, 0);
        return PromiseCheck.of(
                List.of(record), Vectors.compensatedNorm(gradient), Vectors.compensatedNorm(theta), Precision.DOUBLE);
    }

    /** s·1·1 is 0.1 % away from the target. */
    private static FactorProblem tight(double scaling) {
        SmoothLoss loss = new SmoothLoss.Quadratic(1.5, new double[] {1.001 * scaling});
        return new FactorProblem(loss, List.of(new FactorProblem.Layer(1, 1, 1, scaling)), new double[1], 0);
    }

    @Test
    void anUnderstatedConstantIsReportedByTheRun() {
        FactorProblem problem = tight(1);
        double[] start = {1, 1};
        double l = problem.lipschitz();
        for (Function<Smoothness, StepRule> rule :
                List.<Function<Smoothness, StepRule>>of(StepRule.ClosedForm::new, StepRule.ExactStep::of)) {
            DescentOptions twenty = DescentOptions.of(20);
            DescentResult honest = new GradientDescent(problem, rule.apply(Smoothness.proved(l)), twenty).run(start);
            DescentResult lying = new GradientDescent(problem, rule.apply(Smoothness.proved(l / 2)), twenty).run(start);
            assertTrue(honest.promises().kept(), honest.promises().toString());
            assertFalse(lying.promises().kept(), lying.rule());
        }
    }

    @Test
    void boundsSayWhatTheyNeed() {
        FactorProblem problem = tight(1);
        Smoothness tooHigh = new Smoothness(1.5, 100, Assurance.ASSUMED);
        List<StepRecord> one = List.of(new StepRecord(0, 1, 1, 1, 0.1, 0.01, 0.5, 0));
        List<Runnable> wrong = new ArrayList<>();
        wrong.add(() -> RateBounds.of(StepRule.Armijo.of(1), problem, one));
        wrong.add(() -> RateBounds.of(new StepRule.Constant(1), problem, 0, one));
        wrong.add(() -> RateBounds.of(StepRule.Armijo.of(1), problem, 0, List.of()));
        wrong.add(() -> RateBounds.of(new StepRule.ClosedForm(tooHigh), problem, one));
        List<String> messages = List.of(
                "a rate needs a lower bound of the loss, got none from the rule 'armijo'",
                "a rate needs a rule that promises a decrease, got 'constant'",
                "a rate needs at least one step, got none",
                "the first loss must not be below the lower bound of the loss, got 1.0 (bound 100.0)");
        for (int i = 0; i < wrong.size(); i++) {
            Sentences.requireSentence(messages.get(i), wrong.get(i));
        }
    }

    @Test
    void theRateConstantsAreThoseOfTheTable() {
        // s = 2, L = 3, Δ₀ = 6: √(2LΔ₀) = 6
        Smoothness known = Smoothness.proved(3);
        ProblemShape shape = new ProblemShape(1, 2, false, 0);
        double c = StepBounds.CLOSED_FORM_C;
        assertEquals(
                new RateConstants(c, 12, 12),
                new StepRule.ClosedForm(known).rate(shape, 6).get());
        assertEquals(
                new RateConstants(0.25, 12, 12),
                StepRule.ExactStep.of(known).rate(shape, 6).get());
        StepRule armijo = StepRule.Armijo.of(1).withSmoothness(known);
        assertEquals(new RateConstants(0.25, 24, 24), armijo.rate(shape, 6).get());
        double b = 4 * Math.sqrt(2) * 12;
        assertEquals(
                new RateConstants(0.25, b * 12, b),
                new StepRule.MuKlabjan(known).rate(shape, 6).get());
        // directly trained parameters: at least L; weight decay on top
        ProblemShape mixed = new ProblemShape(1, 0.1, true, 0.5);
        RateConstants exact = StepRule.ExactStep.of(known).rate(mixed, 6).get();
        assertEquals(3.5, exact.a());
        assertEquals(0.1 * 0.1 * 3, exact.b());
        // without adapters the classical L·Δ₀/(cT)
        RateConstants plain = new StepRule.ClosedForm(known)
                .rate(new ProblemShape(0, 0, true, 0), 6)
                .get();
        assertEquals(3 * 6 / (c * 10), plain.squaredGradientBound(10, 6, 0), 1e-14);
        assertEquals(3 * 6 / (c * 10), plain.logarithmicBound(10, 6, 0), 1e-14);
    }
}
