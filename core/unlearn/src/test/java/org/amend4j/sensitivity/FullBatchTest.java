/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FullBatchTest {

    private static final Normaliser FIXED = new Normaliser.Fixed(1024);
    private static final Normaliser MEAN = new Normaliser.Mean();

    private static LossBounds bounds(double g, double l, LossCurvature curvature) {
        return LossBounds.of(Constant.assumed(g), Constant.assumed(l), curvature);
    }

    /** n = 1000, m = 5, η = ½, L = ¼, G = 1, T = 20. */
    private static FullBatch worked(LossCurvature curvature, double lambda, Normaliser normaliser) {
        return new FullBatch(bounds(1, 0.25, curvature), new StepMap(0.5, lambda, normaliser), 1000, 5, 20);
    }

    private static void assertDigits(String digits, double value) {
        int significant = new BigDecimal(digits).precision();
        assertEquals(
                0,
                new BigDecimal(digits).compareTo(new BigDecimal(value).round(new MathContext(significant))),
                () -> "expected " + digits + ", got " + value);
    }

    @ParameterizedTest
    @CsvSource({
        "NONCONVEX, 0, 0.349722454870, 0.170762917417, 19, 18",
        "CONVEX, 0, 0.0750000000000, 0.0366210937500, 10, 0",
        "STRONGLY_CONVEX, 0.1, 0.0415295015091, 0.0202780769088, 3, 0"
    })
    void workedValues(
            LossCurvature curvature, double lambda, String mean, String fixed, int leastForMean, int leastForFixed) {
        FullBatch byMean = worked(curvature, lambda, MEAN);
        FullBatch byFixed = worked(curvature, lambda, FIXED);
        assertDigits(mean, byMean.rewind(5).delta());
        assertDigits(fixed, byFixed.rewind(5).delta());
        // wanted 0.05, the least K to be checked by its neighbour
        assertEquals(leastForMean, byMean.leastRewind(0.05));
        assertEquals(leastForFixed, byFixed.leastRewind(0.05));
    }

    @Test
    void workedValueOfNonconvexWithWeightDecay() {
        assertDigits(
                "0.0915436775413",
                worked(LossCurvature.NONCONVEX, 0.1, FIXED).rewind(5).delta());
    }

    /** Logistic head, λ = 0.01, η = 1/0.26, T = 400, N0 = 16,384; 42 subjects with 179 records, K = 100. */
    @Test
    void workedValueOfRandHie() {
        StepMap map = new StepMap(1 / 0.26, 0.01, new Normaliser.Fixed(16_384));
        LossBounds head = new LinearHead.Logistic().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
        assertDigits(
                "0.02163195599",
                new FullBatch(head, map, 16_146, 179, 400).rewind(100).delta());
    }

    @Test
    void workedValuesOfDescentToDelete() {
        assertDigits(
                "0.860602629305",
                worked(LossCurvature.STRONGLY_CONVEX, 0.1, MEAN).descend(5, 0));
        assertDigits(
                "0.835201352456",
                worked(LossCurvature.STRONGLY_CONVEX, 0.1, FIXED).descend(5, 0));
        Refusals.refused(
                IllegalStateException.class,
                "STRONGLY_CONVEX only, got CONVEX",
                () -> worked(LossCurvature.CONVEX, 0, MEAN).descend(5, 0));
    }

    /**
     * The published constants on eICU: n = 94,449, m = 1,079, L = 0.2065, G = 0.5946, η = 0.01, T = 3,666, whose values are
     * known to three digits: Δ of the paper, of ours with the mean, with the fixed normaliser N0 = n.
     */
    @ParameterizedTest
    @CsvSource({
        "0.00, 138, 127, 63.3",
        "0.50, 129, 124, 61.9",
        "0.74, 112, 109, 54.5",
        "0.90, 68.3, 67.2, 33.6",
        "0.99, 9.42, 9.31, 4.65"
    })
    void publishedConstants(double share, double paper, double mean, double fixed) {
        LossBounds bounds = bounds(0.5946, 0.2065, LossCurvature.NONCONVEX);
        int k = (int) Math.round(share * 3666);
        FullBatch byMean = new FullBatch(bounds, new StepMap(0.01, 0, MEAN), 94_449, 1_079, 3_666);
        assertEquals(mean, byMean.rewind(k).delta(), 0.005 * mean);
        assertTrue(byMean.rewind(k).delta() < paper);
        StepMap map = new StepMap(0.01, 0, new Normaliser.Fixed(94_449));
        assertEquals(
                fixed,
                new FullBatch(bounds, map, 94_449, 1_079, 3_666).rewind(k).delta(),
                0.005 * fixed);
    }

    private static FullBatch random(Random random, LossCurvature curvature) {
        double lambda = switch (curvature) {
            case CONVEX -> 0;
            case NONCONVEX -> random.nextBoolean() ? 0 : random.nextDouble() * (random.nextBoolean() ? 3 : 0.3);
            case STRONGLY_CONVEX -> 1e-3 + random.nextDouble();
        };
        double l = lambda > 0 && random.nextInt(5) == 0 ? lambda : 0.01 + random.nextDouble();
        int records = 2 + random.nextInt(200);
        Normaliser normaliser =
                random.nextBoolean() ? MEAN : new Normaliser.Fixed(records * (0.7 + random.nextDouble()));
        double most = curvature == LossCurvature.NONCONVEX ? 2 : 1.3 / (l + 2 * lambda);
        StepMap map = new StepMap(most * (0.01 + 0.99 * random.nextDouble()), lambda, normaliser);
        int deleted = 1 + random.nextInt(records - 1);
        return new FullBatch(
                bounds(0.1 + random.nextDouble(), l, curvature), map, records, deleted, 1 + random.nextInt(60));
    }

    /** In 60 digits. */
    private static BigDecimal exact(FullBatch run, int redone) {
        MathContext digits = new MathContext(60);
        BigDecimal eta = new BigDecimal(run.map().stepSize());
        BigDecimal lambda = new BigDecimal(run.map().weightDecay());
        BigDecimal g = new BigDecimal(run.bounds().gradientBound().value());
        BigDecimal l = new BigDecimal(run.bounds().lipschitz().value());
        BigDecimal n = new BigDecimal(run.records());
        BigDecimal kappa = g.multiply(new BigDecimal(run.deleted()));
        if (run.map().normaliser() instanceof Normaliser.Fixed fixed) {
            BigDecimal divisor = new BigDecimal(fixed.divisor());
            kappa = kappa.divide(divisor, digits);
            l = l.max(l.multiply(n).divide(divisor, digits));
        } else {
            kappa = kappa.multiply(new BigDecimal(2)).divide(n, digits);
        }
        BigDecimal rho = switch (run.bounds().curvature()) {
            case NONCONVEX ->
                BigDecimal.ONE.subtract(eta.multiply(lambda)).abs().add(eta.multiply(l));
            case CONVEX -> BigDecimal.ONE;
            case STRONGLY_CONVEX -> BigDecimal.ONE.subtract(eta.multiply(lambda));
        };
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal power = rho.pow(redone, digits);
        for (int j = redone; j < run.steps(); j++) {
            sum = sum.add(power, digits);
            power = power.multiply(rho, digits);
        }
        return kappa.multiply(eta).multiply(sum, digits);
    }

    /**
     * {@code 2(|x| + |y|) + 16} units for the logarithms and exponentials, of exponents up to T·|ln ρ|; and ρ - 1 itself
     * comes from two roundings of numbers up to ρ + 2, which are T·2(ρ + 2)/ρ units of ρ^T.
     */
    private static double rounding(FullBatch run) {
        double eta = run.map().stepSize();
        double decayed = Math.abs(1 - eta * run.map().weightDecay());
        double l = run.bounds().lipschitz().value();
        l = Math.max(l, run.map().normaliser().lipschitz(l, run.records()));
        double rho = decayed + (run.bounds().curvature() == LossCurvature.NONCONVEX ? eta * l : 0);
        return 0x1p-52 * (run.steps() * (2 * Math.abs(Math.log(rho)) + 2 * (rho + 2) / rho) + 16);
    }

    /** 300 runs × all K: never below the value in 60 digits, and above it by rounding only. */
    @ParameterizedTest
    @EnumSource(LossCurvature.class)
    void closedFormsRoundUpAndByLittle(LossCurvature curvature) {
        Random random = new Random(4);
        for (int i = 0; i < 100; i++) {
            FullBatch run = random(random, curvature);
            for (int k = 0; k <= run.steps(); k += 1 + random.nextInt(3)) {
                BigDecimal exact = exact(run, k);
                double delta = run.rewind(k).delta();
                assertTrue(new BigDecimal(delta).compareTo(exact) >= 0, run + ", K = " + k);
                assertTrue(delta <= exact.doubleValue() * (1 + rounding(run)) + 1e-300, run + ", K = " + k);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(LossCurvature.class)
    void theLeastRewindIsEnoughAndOneLessIsNot(LossCurvature curvature) {
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            FullBatch run = random(random, curvature);
            double wanted = run.rewind(0).delta() * Math.pow(random.nextDouble(), 4) * 1.1;
            int k = run.leastRewind(wanted);
            assertTrue(run.rewind(k).isAtMost(wanted), run + ", K = " + k);
            assertTrue(k == 0 || !run.rewind(k - 1).isAtMost(wanted), run + ", K = " + k);
        }
    }

    @Test
    void theLeastRewindIsRightWhereTheClosedFormOverflows() {
        // (1 + ηL)^T is about e^6931: the last K for which Δ is a number is found, and nothing is certified before it
        StepMap map = new StepMap(1, 0, FIXED);
        FullBatch run = new FullBatch(bounds(1, 1, LossCurvature.NONCONVEX), map, 1000, 1, 10_000);
        assertEquals(10_000, run.leastRewind(0.5));
        assertEquals(0, run.rewind(10_000).delta());
        Sensitivity.Unbounded refusal = assertInstanceOf(Sensitivity.Unbounded.class, run.rewind(9_999));
        // κη·2^9999
        assertEquals(9_999 * Math.log(2) - Math.log(1024), refusal.logarithm(), 1e-8);
        String sentence = Refusals.refused(IllegalStateException.class, "about e^6923.8", refusal::delta);
        assertEquals(refusal.reason(), sentence);
        assertFalse(refusal.isAtMost(Double.MAX_VALUE));
    }

    @Test
    void rewindingIsNeverWorseThanDescending() {
        Random random = new Random(6);
        for (int i = 0; i < 300; i++) {
            FullBatch run = random(random, LossCurvature.STRONGLY_CONVEX);
            int k = random.nextInt(run.steps() + 1);
            double rewound = run.rewind(k).delta();
            assertTrue(rewound <= run.descend(k, random.nextDouble()) * (1 + 1e-13), run + ", K = " + k);
        }
    }

    @Test
    void theFixedNormaliserHalvesTheMean() {
        StepMap fixed = new StepMap(0.5, 0, new Normaliser.Fixed(1000));
        double delta = new FullBatch(bounds(1, 0.25, LossCurvature.NONCONVEX), fixed, 1000, 5, 20)
                .rewind(5)
                .delta();
        assertEquals(worked(LossCurvature.NONCONVEX, 0, MEAN).rewind(5).delta(), 2 * delta, 1e-15);
        StepMap replacing = new StepMap(0.5, 0, new Normaliser.FixedReplacing(1000));
        double replaced = new FullBatch(bounds(1, 0.25, LossCurvature.NONCONVEX), replacing, 1000, 5, 20)
                .rewind(5)
                .delta();
        assertEquals(2 * delta, replaced, 1e-15);
    }

    @Test
    void refusesInOneSentence() {
        refused(
                "step size <= 2/L_t, got step size 9.0 with L_t = 0.25",
                () -> new FullBatch(bounds(1, 0.25, LossCurvature.CONVEX), new StepMap(9, 0, MEAN), 10, 1, 1));
        refused(
                "step size <= 2/(L_t + 2·weight decay), got step size 5.0",
                () -> new FullBatch(
                        bounds(1, 0.25, LossCurvature.STRONGLY_CONVEX), new StepMap(5, 0.1, MEAN), 10, 1, 1));
        refused("CONVEX is for weight decay 0", () -> worked(LossCurvature.CONVEX, 0.1, MEAN));
        refused(
                "STRONGLY_CONVEX needs weight decay > 0, got 0.0",
                () -> worked(LossCurvature.STRONGLY_CONVEX, 0, MEAN));
        LossBounds nothing = bounds(1, 1, LossCurvature.NONCONVEX).withoutLipschitz();
        refused("L must be known", () -> new FullBatch(nothing, new StepMap(1, 0, MEAN), 10, 1, 1));
        refused(
                "must retain one, got 0",
                () -> new FullBatch(bounds(1, 1, LossCurvature.NONCONVEX), new StepMap(1, 0, MEAN), 10, 10, 1));
        refused(
                "deleted records must be in [0, 10], got 11",
                () -> new FullBatch(bounds(1, 1, LossCurvature.NONCONVEX), new StepMap(1, 0, FIXED), 10, 11, 1));
        refused("the step size must be > 0 and finite, got 0.0", () -> new StepMap(0, 0, MEAN));
        refused("the normaliser must be > 0 and finite, got NaN", () -> new Normaliser.Fixed(Double.NaN));
        refused("L must be known for CONVEX", () -> bounds(1, Double.POSITIVE_INFINITY, LossCurvature.CONVEX));
        refused(
                "redone steps must be in [0, 20], got 21",
                () -> worked(LossCurvature.CONVEX, 0, MEAN).rewind(21));
    }

    @Test
    void everythingCanBeDeletedWithAFixedNormaliser() {
        FullBatch run = new FullBatch(bounds(1, 1, LossCurvature.NONCONVEX), new StepMap(0.5, 0, FIXED), 10, 10, 3);
        assertTrue(run.rewind(0).delta() > 0);
        assertEquals(0, run.rewind(3).delta());
    }

    @Test
    void descendingNothingIsTheTrainedDistance() {
        for (double norm : new double[] {0, 1, 1e300}) {
            FullBatch run = worked(LossCurvature.STRONGLY_CONVEX, 0.1, MEAN);
            assertEquals(run.rewind(0).delta(), run.descend(0, norm));
        }
    }

    /** {@code q^K·κη·Σ_{j<T} q^j + q^T·(1 - q^K)·(‖θ₀‖ + G/λ)} in 60 digits, for N0 >= n. */
    private static BigDecimal exactDescent(FullBatch run, int further, double norm) {
        MathContext digits = new MathContext(60);
        BigDecimal lambda = new BigDecimal(run.map().weightDecay());
        BigDecimal q = BigDecimal.ONE.subtract(new BigDecimal(run.map().stepSize()).multiply(lambda));
        BigDecimal g = new BigDecimal(run.bounds().gradientBound().value());
        BigDecimal reach = new BigDecimal(norm).add(g.divide(lambda, digits));
        BigDecimal kept = q.pow(further, digits);
        BigDecimal moved = q.pow(run.steps(), digits).multiply(BigDecimal.ONE.subtract(kept), digits);
        return exact(run, 0).multiply(kept, digits).add(moved.multiply(reach, digits), digits);
    }

    /**
     * Per factor at most {@code 2|x| + 8} units are added for as many of error, and there are six; decay down to 1e-7 a step, where a
     * relative error of 1/|x| would show. The last rows have the distance in the second term, and hardly any exponent, so that what
     * is added can be told from what is lost.
     */
    @ParameterizedTest
    @CsvSource({
        "0.5, 0.1, 20, 5, 0",
        "0.5, 1e-3, 400, 100, 3",
        "0.1, 1e-6, 50, 7, 1",
        "0.5, 2e-6, 1, 1, 1e6",
        "0.3, 1e-5, 3, 2, 1e9",
    })
    void descentRoundsUpAndByLittle(double eta, double lambda, int steps, int further, double norm) {
        LossBounds bounds = bounds(1, 0.25, LossCurvature.STRONGLY_CONVEX);
        FullBatch run = new FullBatch(bounds, new StepMap(eta, lambda, FIXED), 1000, 5, steps);
        BigDecimal exact = exactDescent(run, further, norm);
        double delta = run.descend(further, norm);
        double relative = new BigDecimal(delta)
                .divide(exact, new MathContext(30))
                .subtract(BigDecimal.ONE)
                .doubleValue();
        double units = 12 * (8 + 2 * (steps + further) * -Math.log1p(-eta * lambda));
        assertTrue(relative >= 0 && relative <= units * 0x1p-52, relative + " are " + relative * 0x1p52 + " units");
        if (norm >= 1e6) {
            // 4 and 8 units are added, where a half and 3.5 of error are possible
            assertTrue(relative >= 7 * 0x1p-52, relative * 0x1p52 + " units");
        }
    }

    /** ηλ = 1 forgets everything before at every step: one step's push is all there is, until the last is redone. */
    @Test
    void aStepThatForgetsAllLeavesOnePush() {
        LossBounds flat = bounds(1, 0, LossCurvature.STRONGLY_CONVEX);
        FullBatch run = new FullBatch(flat, new StepMap(0.5, 2, FIXED), 1000, 4, 7);
        double push = 0.5 * 4 / 1024;
        assertEquals(push, run.rewind(0).delta());
        for (int k = 1; k <= 7; k++) {
            assertEquals(0, run.rewind(k).delta());
        }
        assertEquals(push, run.descend(0, 3));
    }

    /** ln(κη·ρ^K·(ρ^(T-K) - 1)/(ρ - 1)), where the one is nothing beside the power. */
    @ParameterizedTest
    @CsvSource({"0, 10000", "5000, 10000", "9998, 10000", "0, 2000"})
    void theLogarithmOfAnOverflowIsThatOfTheFormula(int redone, int steps) {
        FullBatch run =
                new FullBatch(bounds(1, 0.5, LossCurvature.NONCONVEX), new StepMap(1, 0, FIXED), 1000, 1, steps);
        double power = (steps - redone) * Math.log(1.5);
        double sum = power > 700 ? power : Math.log(Math.expm1(power));
        double expected = -Math.log(1024) + redone * Math.log(1.5) + sum - Math.log(0.5);
        Sensitivity.Unbounded refusal = assertInstanceOf(Sensitivity.Unbounded.class, run.rewind(redone));
        assertEquals(expected, refusal.logarithm(), 1e-11 * expected);
    }

    @Test
    void theLeastRewindIsAllOrNothingAtTheEnds() {
        FullBatch run = worked(LossCurvature.CONVEX, 0, FIXED);
        assertEquals(20, run.leastRewind(0));
        assertEquals(0, run.leastRewind(run.rewind(0).delta()));
        assertEquals(1, run.leastRewind(Math.nextDown(run.rewind(0).delta())));
        refused("the wanted sensitivity must be >= 0", () -> run.leastRewind(-1));
    }

    /** η = 2/L for CONVEX, 2/(L + 2λ) for STRONGLY_CONVEX. */
    @Test
    void theLongestStepIsAllowed() {
        StepMap convex = new StepMap(8, 0, MEAN);
        assertEquals(
                0.08 * 20,
                new FullBatch(bounds(1, 0.25, LossCurvature.CONVEX), convex, 1000, 5, 20)
                        .rewind(0)
                        .delta(),
                1e-14);
        StepMap strongly = new StepMap(1, 0.5, MEAN);
        assertEquals(
                0.02 * (1 - 0x1p-20),
                new FullBatch(bounds(1, 1, LossCurvature.STRONGLY_CONVEX), strongly, 1000, 5, 20)
                        .rewind(0)
                        .delta(),
                1e-15);
    }

    /** The columns of the table of docs/unlearning.md, for G = 3, k = 4, c = 2, B = 10. */
    @Test
    void normalisersAreTheTable() {
        Normaliser fixed = new Normaliser.Fixed(10);
        Normaliser replacing = new Normaliser.FixedReplacing(10);
        assertEquals(List.of(0.6, 3.0, 0.2), row(fixed));
        assertEquals(List.of(2.0, 6.0, 0.5), row(MEAN));
        assertEquals(List.of(1.2, 3.6, 0.2), row(replacing));
        for (Normaliser normaliser : List.of(fixed, replacing)) {
            assertEquals(0, normaliser.lipschitz(Double.POSITIVE_INFINITY, 0), "no records have no curvature");
        }
        refused("must retain one, got 0", () -> MEAN.disturbance(1, 0, 1));
        refused("must retain one, got 0", () -> MEAN.cap(1, 0, 1));
        refused("must retain one, got 0", () -> MEAN.lipschitz(1, 0));
    }

    private static List<Double> row(Normaliser normaliser) {
        return Stream.of(normaliser.disturbance(3, 4, 2), normaliser.cap(3, 4, 2), normaliser.lipschitz(0.5, 4))
                .map(bound -> new BigDecimal(bound).round(new MathContext(14)).doubleValue())
                .toList();
    }

    /** Of equal bounds the first of (1) is named: ρ's, then the cap, then the diameter. */
    @Test
    void ofEqualBoundsTheFirstIsNamed() {
        LossBounds bounds = bounds(1, 0, LossCurvature.NONCONVEX);
        StepMap map = new StepMap(0.5, 0, new Normaliser.Fixed(1));
        assertEquals(new StepBound(0.5, StepBound.Active.RECURSION), map.bound(bounds, 0, 1, 0), "the cap is 0.5 too");
        LossBounds ball = bounds.withDiameter(Constant.enforced(0.5, "ball"));
        assertEquals(new StepBound(0.5, StepBound.Active.RECURSION), map.bound(ball, 3, 1, 0));
        LossBounds blind = bounds.withoutLipschitz().withDiameter(Constant.enforced(3.5, "ball"));
        assertEquals(new StepBound(3.5, StepBound.Active.CAP), map.bound(blind, 2, 2, 0.5));
    }

    @Test
    void withoutSmoothnessTheFirstDisturbanceIsStillTheDeletedRecordsAlone() {
        LossBounds blind = bounds(1, 1, LossCurvature.NONCONVEX).withoutLipschitz();
        StepMap map = new StepMap(0.5, 0, new Normaliser.Fixed(1));
        assertEquals(new StepBound(0.5, StepBound.Active.RECURSION), map.bound(blind, 3, 1, 0));
    }

    @Test
    void anInfiniteSensitivityIsRefusedAsThat() {
        Sensitivity infinite = Sensitivity.of(Double.POSITIVE_INFINITY);
        refused(IllegalStateException.class, "the sensitivity is infinite, so that no noise", infinite::delta);
    }
}
