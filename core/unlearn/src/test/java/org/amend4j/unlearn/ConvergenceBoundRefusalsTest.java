/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordObjective;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.testkit.InFloat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers of a bound, their ranges, and where nothing is proved. */
class ConvergenceBoundRefusalsTest {

    private static final RoundingModel TINY = new RoundingModel.Assumed(1e-15, 1);
    private static final double INFINITE = Double.POSITIVE_INFINITY;

    /** s = 8/5, C = 1, λ = 0.1: R = min{16, √(16·ℓ₀)}. */
    private static ConvergenceBound bound(double gradientNorm, double lossAtZero) {
        return new ConvergenceBound(gradientNorm, 0.1, OptionalDouble.of(5), 8, 1, lossAtZero, TINY);
    }

    /** Each is a few products and quotients, rounded up: a few units above its formula, which is itself off by a few. */
    private static void assertRoundedUp(double formula, double value) {
        assertEquals(formula, value, 10 * Math.ulp(formula));
    }

    @Test
    void itsNumbersAreTheirFormulas() {
        assertRoundedUp(16, bound(1e-9, INFINITE).radius());
        assertRoundedUp(16, bound(1e-9, 100).radius());
        ConvergenceBound byLoss = bound(1e-9, 4);
        assertRoundedUp(8, byLoss.radius());
        assertRoundedUp(16, byLoss.largestNorm());
        assertRoundedUp(2e-8, byLoss.delta());
        assertRoundedUp(5e-18, byLoss.excessLoss());
        assertRoundedUp(1e-15 * (1.6 + 0.1 * 16), byLoss.rounding());
        ConvergenceBound mean = new ConvergenceBound(1e-9, 0.1, OptionalDouble.empty(), 8, 1, INFINITE, TINY);
        assertRoundedUp(10, mean.radius());
    }

    @Test
    void theNormMustBeReachableAndSaySomething() {
        double least = 4 * bound(1e-9, 4).rounding();
        assertEquals(least, bound(least, 4).gradientNorm());
        refused("must be in [1.28e-14, 0.800)", () -> bound(Math.nextDown(least), 4));
        double most = 0.1 * bound(1e-9, 4).radius();
        assertEquals(Math.nextDown(most), bound(Math.nextDown(most), 4).gradientNorm());
        refused("up to where it says nothing, got 0.800", () -> bound(most, 4));
        refused("got NaN", () -> bound(Double.NaN, 4));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleNumbersAreRefused(double bad) {
        OptionalDouble five = OptionalDouble.of(5);
        refused("weight decay must be > 0", () -> new ConvergenceBound(1e-9, bad, five, 8, 1, 4, TINY));
        refused(
                "C, the bound of the gradients, must be > 0",
                () -> new ConvergenceBound(1e-9, 1, five, 8, bad, 4, TINY));
        OptionalDouble normaliser = OptionalDouble.of(bad);
        assertThrows(IllegalArgumentException.class, () -> new ConvergenceBound(1e-9, 1, normaliser, 8, 1, 4, TINY));
        if (bad != INFINITE) {
            assertThrows(IllegalArgumentException.class, () -> bound(1e-9, bad));
        }
    }

    @Test
    void withoutPlannedRecordsThereIsNoBound() {
        OptionalDouble five = OptionalDouble.of(5);
        refused("planned number of records must be >= 1", () -> new ConvergenceBound(1e-9, 1, five, 0, 1, 4, TINY));
    }

    @Test
    void theDefaultNormIsAHundredRoundingsOrThePartOfTheRadiusThatIsSeen() {
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            HeadProblem problem = HeadProblem.random(random);
            ConvergenceBound bound = problem.bound();
            double visible = 0x1p-28 * bound.weightDecay() * bound.radius();
            double expected = Math.max(100 * bound.rounding(), visible);
            assertRoundedUp(expected, bound.gradientNorm());
            int records = problem.objective().records().size();
            double meant = problem.objective().fixedNormaliser().orElse(records);
            assertEquals(Math.max(records, (long) meant), bound.plannedRecords());
        }
    }

    @Test
    void aNormBeyondTheLargestIsNoEvidence() {
        ConvergenceBound bound = bound(1e-9, 4);
        double[] gradient = {3e-10, 4e-10};
        double largest = bound.largestNorm();
        assertRoundedUp(5e-10 + bound.rounding(), bound.atMost(new double[] {0, largest * (1 - 1e-15)}, gradient));
        assertEquals(INFINITE, bound.atMost(new double[] {0, Math.nextUp(largest)}, gradient));
        // a gradient that is not a number is never small
        assertTrue(Double.isNaN(bound.atMost(new double[2], new double[] {Double.NaN, 0})));
    }

    private static void nothingIsProved(
            String why, RecordObjective objective, LossBounds bounds, RoundingModel rounding) {
        String said = ConvergenceBound.refusal(objective, bounds, rounding, 1).orElse("");
        assertTrue(said.contains(why), said);
        assertEquals(said, refused(why, () -> ConvergenceBound.of(objective, bounds, rounding, 1)));
    }

    @Test
    void whereNothingIsProvedTheReasonIsSaid() {
        HeadProblem problem = HeadProblem.random(new Random(4));
        HeadObjective head = problem.objective();
        LossBounds bounds = HeadProblem.bounds(1, problem.featureRadius());
        assertEquals(Optional.empty(), ConvergenceBound.refusal(head, bounds, TINY, 1));
        nothingIsProved("every loss is convex", head, bounds.withCurvature(LossCurvature.CONVEX), TINY);
        nothingIsProved("every loss is convex", head, bounds.withoutLipschitz(), TINY);
        nothingIsProved("in a ball", head, bounds.withDiameter(Constant.enforced(2, "a ball")), TINY);
        nothingIsProved("DOUBLE, got FLOAT", new InFloat(head), bounds, TINY);
        RecordObjective clipped = new Altered(head) {
            @Override
            public boolean hasTrueGradient() {
                return false;
            }
        };
        nothingIsProved("clipped gradients", clipped, bounds, TINY);
        nothingIsProved(
                "no bound of the gradients", head, bounds.withGradientBound(Constant.proved(0, "nothing")), TINY);
        nothingIsProved("more weight decay helps", head, bounds, new RoundingModel.Assumed(0.01, 1));
    }
}
