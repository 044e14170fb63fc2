package org.amend4j.saddle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.amend4j.ascent.LogitNetwork;
import org.amend4j.ascent.Processes;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.evaluation.Bootstrap;
import org.amend4j.objective.Precision;
import org.amend4j.oracle.ExactReturn;
import org.amend4j.oracle.LogitMap;
import org.amend4j.oracle.XorReturn;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.Steps;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecondOrderDiagnosisTest {

    private static final double GAMMA = 0.9;
    private static final LogitMap ONE_LOGIT = new LogitMap.Bernoulli(1);

    private static SecondOrderDiagnosis.Config config(int horizon, double epsilon) {
        return SecondOrderDiagnosis.Config.of(Processes.horizon(GAMMA, horizon), epsilon);
    }

    private static SecondOrderReport xor(long seed) {
        return new SecondOrderDiagnosis(config(20, 0.1), Processes.xor(), seed)
                .of(LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0));
    }

    /**
     * λ_max = 1.04 for H = 20, with a standard error of 1.69/√1000 = 0.053 against a tolerance of 0.32: 13 of them. Off v the
     * entries of the sampled Hessian err by 0.05, so v by about 0.05/2.08, and |⟨v, (1,1)/√2⟩| by half of its square.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void xorSaddleIsFound(long seed) {
        SecondOrderReport report = xor(seed);
        double[] v = report.direction();
        assertEquals(SaddleVerdict.SADDLE, report.verdict(), report.words());
        assertEquals(1, Math.abs(v[0] + v[1]) * Math.sqrt(0.5), 0.02);
        double c = new XorReturn(GAMMA, 0).best(20);
        assertEquals(c / 4, report.curvature().value(), 5 * report.curvature().standardError());
        assertEquals(0.053, report.curvature().standardError(), 0.01);
        assertEquals(
                0,
                report.gradientSquared().value(),
                5 * report.gradientSquared().standardError());
        assertFalse(report.noNoise());
        assertTrue(report.upperEstimate() >= report.largestEigenvalue());
        assertTrue(report.words().startsWith("SADDLE: along the direction v the return curves upwards by"));
        assertTrue(report.residual() < 1e-8);
        assertEquals(2, report.lanczosSteps());
    }

    /**
     * Intervals of 95 % hold what is exact. 40 independent ones with a chance of at least 0.9 each: fewer than 28 have a chance
     * of 3e-4; the seeds are fixed. The twin, another horizon's noise, must be missed. Were the tolerance the exact curvature,
     * SADDLE would be said where the lower end is above it: one time in 40; more than 6 have a chance of 1e-3 even at 4 %.
     */
    @Test
    void intervalsAtTheSaddleHoldTheClosedForms() {
        int held = 0;
        int heldOther = 0;
        int heldCurvature = 0;
        int alarms = 0;
        double exact = new XorReturn(GAMMA, 0).best(20) / 4;
        for (long seed = 100; seed < 140; seed++) {
            SecondOrderReport report = xor(seed);
            held += holds(report.noise(), new XorReturn(GAMMA, 0).saddleVariance(20));
            heldOther += holds(report.noise(), new XorReturn(GAMMA, 0).saddleVariance(8));
            heldCurvature += holds(report.curvature(), exact);
            alarms += report.curvature().low() > exact ? 1 : 0;
        }
        assertTrue(held >= 28, held + " of 40");
        assertTrue(heldCurvature >= 28, heldCurvature + " of 40");
        assertTrue(heldOther <= 12, heldOther + " of 40");
        assertTrue(alarms <= 6, alarms + " of 40");
    }

    private static int holds(Measured interval, double value) {
        return interval.low() <= value && value <= interval.high() ? 1 : 0;
    }

    /** No false alarm in 40 seeds (SOSP_CONSISTENT in 33, else the gradient's interval was too long); with the second derivatives dropped, alarms in all. */
    @Test
    void peakIsNeverCalledASaddle() {
        Policy policy = LogitNetwork.policy(ONE_LOGIT, 0);
        ExactReturn exact = ExactReturn.of(Peaks.alike(), ONE_LOGIT, GAMMA);
        assertEquals(0, exact.returnGradient(new double[1])[0], 1e-14);
        assertTrue(exact.returnSpectrum(new double[1]).largest() < -2);
        int consistent = 0;
        for (long seed = 1; seed <= 40; seed++) {
            SecondOrderReport report = new SecondOrderDiagnosis(
                            config(20, 0.5), Task.of("alike", Peaks.alike()::another), seed)
                    .of(policy);
            assertTrue(report.verdict() != SaddleVerdict.SADDLE, report.words());
            consistent += report.verdict() == SaddleVerdict.SOSP_CONSISTENT ? 1 : 0;
            Steps steps = Trajectories.sampled(Peaks.alike(), policy, 1_000, 20, seed);
            assertEquals(SaddleVerdict.SADDLE, verdictOf(curvatures(steps, 0), report, seed));
            assertTrue(verdictOf(curvatures(steps, 1), report, seed) != SaddleVerdict.SADDLE);
        }
        assertTrue(consistent >= 20, consistent + " of 40");
    }

    /** What the verdict would be on other numbers for the curvature. */
    private static SaddleVerdict verdictOf(double[] curvatures, SecondOrderReport report, long seed) {
        Measured curvature = Measured.mean(curvatures, new Bootstrap(200, 0.95, seed));
        return SaddleVerdict.of(report.gradientTest(), curvature.low(), report.upperEstimate(), report.tolerance());
    }

    /**
     * By the definition at θ = 0, where scores are ±1/2 and second derivatives -1/4.
     *
     * @param bend factor of the second derivatives, 1 if right
     */
    private static double[] curvatures(Steps steps, double bend) {
        double[] result = new double[steps.segments().size()];
        for (int i = 0; i < result.length; i++) {
            Segment segment = steps.segments().get(i);
            double c = 0;
            double d = 0;
            for (int row = segment.begin(); row < segment.end(); row++) {
                c += steps.decisions().actions()[row] - 0.5;
                d -= 0.25 * bend;
                result[i] += Math.pow(GAMMA, row - segment.begin()) * steps.rewards()[row] * (c * c + d);
            }
        }
        return result;
    }

    @Test
    void adapterThatIsAllZeroIsASaddleWithoutNoise() {
        TabularEnvironment environment = Processes.random(4, 3, false, 5);
        LogitMap.LowRank map = new LogitMap.LowRank(new double[4][3], 2, 2);
        double[] zero = new double[map.dimension()];
        ExactReturn exact = ExactReturn.of(environment, map, GAMMA);
        double largest = exact.returnSpectrum(zero).largest();
        double epsilon = largest * largest / 25;
        SecondOrderReport known = ExactDiagnosis.of(exact, zero, epsilon, 1);
        assertEquals(SaddleVerdict.SADDLE, known.verdict());
        assertEquals(0, known.noise().value());
        SecondOrderReport report = new SecondOrderDiagnosis(
                        config(20, epsilon).withTrajectories(4_000), Task.of("random", environment::another), 3)
                .of(LogitNetwork.policy(map, zero));
        for (SecondOrderReport each : List.of(known, report)) {
            assertEquals(SaddleVerdict.SADDLE, each.verdict(), each.words());
            assertEquals(0, each.noise().value());
            assertEquals(0, each.gradientSquared().value());
            assertTrue(each.noNoise());
            assertTrue(each.words().contains("(CNC = 0.00)"), each.words());
            assertTrue(each.words().contains("Re-initialise what is all zero"), each.words());
        }
        // with the factor A drawn at random the gradient is not zero, and there is noise along every direction
        double[] drawn = Processes.normal(map.dimension(), 1, 1);
        for (int i = 2 * map.actions(); i < drawn.length; i++) {
            drawn[i] = 0;
        }
        assertFalse(new SecondOrderDiagnosis(config(20, epsilon), Task.of("random", environment::another), 3)
                .of(LogitNetwork.policy(map, drawn))
                .noNoise());
    }

    @Test
    void exactReportOfTheXorSaddleHasTheClosedForms() {
        ExactReturn exact = ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, GAMMA);
        XorReturn closed = new XorReturn(GAMMA, 0);
        SecondOrderReport infinite = ExactDiagnosis.of(exact, new double[2], 0.1, 1);
        assertEquals(closed.best() / 4, infinite.curvature().value(), 1e-12);
        assertEquals(closed.saddleVariance(), infinite.noise().value(), 1e-12);
        SecondOrderReport cut = ExactDiagnosis.of(exact, new double[2], Processes.horizon(GAMMA, 10), 0.1, 1);
        assertEquals(closed.best(10) / 4, cut.largestEigenvalue(), 1e-12);
        assertEquals(closed.saddleVariance(10), cut.noise().value(), 1e-12);
        assertEquals(10, cut.cutOff().steps());
        assertTrue(cut.cutOff().boundA() >= cut.cutOff().boundC());
        for (SecondOrderReport report : List.of(infinite, cut)) {
            assertTrue(report.exact());
            assertEquals(SaddleVerdict.SADDLE, report.verdict());
            assertEquals(GradientTest.SMALL, report.gradientTest());
            assertEquals(0, report.trajectories());
        }
        assertEquals(
                SaddleVerdict.SOSP_CONSISTENT,
                ExactDiagnosis.of(exact, new double[] {8, 8}, 0.1, 1).verdict());
    }

    /** E⟨v, ĝ⟩² by recursion and by sampling, 5 standard errors; the noise of another discount is further away. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void exactNoiseIsTheMeanOverSampledTrajectories(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, seed % 2 == 0, seed);
        LogitMap map = new LogitMap.Table(4, 3);
        double[] theta = Processes.normal(12, 1, seed);
        double[] v = Processes.normal(12, 1, seed + 9);
        double norm = 0;
        for (double number : v) {
            norm += number * number;
        }
        Policy policy = LogitNetwork.policy(map, theta);
        Steps steps = Trajectories.sampled(environment, policy, 20_000, 12, seed);
        double[] slopes = new FrozenSurrogate(policy, steps, GAMMA).along(v).slopes();
        double[] squares = new double[slopes.length];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = slopes[i] * slopes[i];
        }
        Measured mean = Measured.mean(squares, new Bootstrap(100, 0.95, 1));
        double exact = ExactReturn.of(environment, map, GAMMA).truncated(12).estimateSecondMoment(theta, v) / norm;
        assertEquals(exact, mean.value(), 5 * mean.standardError());
        double other = ExactReturn.of(environment, map, 0.97).truncated(12).estimateSecondMoment(theta, v) / norm;
        assertTrue(Math.abs(other - mean.value()) > 5 * mean.standardError());
    }

    /** The covariance's golden numbers plus the squared mean. */
    @Test
    void exactNoiseIsTheReferencesSecondMoment() {
        int compared = 0;
        for (JsonNode golden : Processes.golden().get("enumeration")) {
            double[] theta = Processes.numbers(golden.get("theta"));
            double[] mean = Processes.numbers(golden.get("mean"));
            double[] v = {0.6, -0.8};
            double expected = Math.pow(v[0] * mean[0] + v[1] * mean[1], 2);
            for (int i = 0; i < 2; i++) {
                double[] row = Processes.numbers(golden.get("covariance").get(i));
                expected += v[i] * (row[0] * v[0] + row[1] * v[1]);
            }
            ExactReturn exact = ExactReturn.of(
                            XorMdp.plain(),
                            Processes.XOR_LOGITS,
                            golden.get("gamma").doubleValue())
                    .truncated(golden.get("H").intValue());
            assertEquals(expected, exact.estimateSecondMoment(theta, v), 1e-12);
            compared++;
        }
        assertEquals(7, compared);
    }

    /** ‖∇J‖² is estimated without the bias that the squared norm of one mean has. */
    @Test
    void squaredGradientIsNotBiasedByNoise() {
        double[] theta = {0.3, -0.7};
        double exact = 0;
        for (double number : ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, GAMMA)
                .truncated(20)
                .returnGradient(theta)) {
            exact += number * number;
        }
        double sum = 0;
        double variances = 0;
        double naive = 0;
        int covered = 0;
        for (long seed = 1; seed <= 40; seed++) {
            Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, theta);
            SecondOrderReport report =
                    new SecondOrderDiagnosis(config(20, 0.1).withTrajectories(100), Processes.xor(), seed).of(policy);
            sum += report.gradientSquared().value() / 40;
            variances += Math.pow(report.gradientSquared().standardError() / 40, 2);
            covered += holds(report.gradientSquared(), exact);
            double[] g = new FrozenSurrogate(policy, Trajectories.sampled(XorMdp.plain(), policy, 20, 20, seed), GAMMA)
                    .homeGradient();
            naive += (g[0] * g[0] + g[1] * g[1]) / 40;
        }
        assertEquals(exact, sum, 5 * Math.sqrt(variances));
        assertTrue(naive > exact + 0.05);
        assertTrue(covered >= 28, covered + " of 40");
    }

    @Test
    void equalSeedsGiveEqualReportsAndLeaveThePolicyAsItWas() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, -0.0, 0.1);
        List<Integer> heard = new ArrayList<>();
        SecondOrderDiagnosis diagnosis = new SecondOrderDiagnosis(config(10, 0.1), Processes.xor(), 7);
        int atMost = diagnosis.cost(2).forwardPasses();
        SecondOrderReport one = diagnosis.of(policy, (passes, most) -> {
            heard.add(passes);
            assertEquals(atMost, most);
        });
        SecondOrderReport two = diagnosis.of(policy);
        assertArrayEquals(one.direction(), two.direction(), 0);
        assertEquals(one.words(), two.words());
        assertEquals(one.noise(), two.noise());
        assertEquals(Double.doubleToRawLongBits(-0.0), Double.doubleToRawLongBits(policy.parameters()[0]));
        assertEquals(0.1, policy.parameters()[1]);
        assertTrue(heard.size() <= atMost, heard.size() + " of " + atMost);
        assertTrue(heard.size() >= 20);
        assertEquals(20_000, one.environmentSteps());
        assertEquals(
                "At most 20000 environment steps, then 28 forward and 14 backward passes over at most 10000 rows each.",
                diagnosis.cost(2).sentence());
    }

    @Test
    void interruptedDiagnosisEndsAndLeavesThePolicyAsItWas() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0.2, 0.1);
        SecondOrderDiagnosis diagnosis = new SecondOrderDiagnosis(config(10, 0.1), Processes.xor(), 7);
        CancellationException end = assertThrows(
                CancellationException.class,
                () -> diagnosis.of(policy, (passes, most) -> {
                    if (passes == 5) {
                        Thread.currentThread().interrupt();
                    }
                }));
        assertTrue(Thread.interrupted());
        assertEquals("interrupted after 5 of at most 28 passes", end.getMessage());
        assertArrayEquals(new double[] {0.2, 0.1}, policy.parameters(), 0);
    }

    @Test
    void reportIsPlainEnoughForJson() {
        JsonNode json = new ObjectMapper().valueToTree(xor(1));
        assertEquals("SADDLE", json.get("verdict").textValue());
        assertEquals(1.04, json.get("curvature").get("value").doubleValue(), 0.3);
        assertEquals("KNOWN", json.get("cutOff").get("constants").textValue());
        assertEquals(2, json.get("direction").size());
        assertEquals("DOUBLE", json.get("precision").textValue());
    }

    @Test
    void floatAndUnreachableHorizonsAreRefused() {
        Policy policy = new Policy(
                new TroubledNetwork(new LogitNetwork(Processes.XOR_LOGITS, 0, 0), Precision.FLOAT),
                new Categorical(2),
                new ObservationEncoder.OneHot(2));
        SecondOrderDiagnosis diagnosis = new SecondOrderDiagnosis(config(10, 0.1), Processes.xor(), 7);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> diagnosis.of(policy))
                .getMessage()
                .contains("DOUBLE, got FLOAT"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SecondOrderDiagnosis(config(10, 0.1).withLanczos(31, 2), Processes.xor(), 7));
        ExactReturn exact = ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, 0.8);
        assertThrows(
                IllegalArgumentException.class,
                () -> ExactDiagnosis.of(exact, new double[2], Processes.horizon(GAMMA, 10), 0.1, 1));
    }

    @Test
    void verdictsFollowFromTheEndsOfIntervals() {
        assertEquals(SaddleVerdict.SADDLE, SaddleVerdict.of(GradientTest.LARGE, 0.4, 0.6, 0.3));
        assertEquals(SaddleVerdict.INCONCLUSIVE, SaddleVerdict.of(GradientTest.SMALL, 0.2, 0.6, 0.3));
        assertEquals(SaddleVerdict.SOSP_CONSISTENT, SaddleVerdict.of(GradientTest.SMALL, 0.1, 0.2, 0.3));
        assertEquals(SaddleVerdict.INCONCLUSIVE, SaddleVerdict.of(GradientTest.UNDECIDED, 0.1, 0.2, 0.3));
        assertEquals(GradientTest.SMALL, GradientTest.of(new Measured(0, 0.001, -0.002, 0.002), 0.1));
        assertEquals(GradientTest.LARGE, GradientTest.of(new Measured(0.1, 0.01, 0.08, 0.12), 0.1));
        assertEquals(GradientTest.UNDECIDED, GradientTest.of(new Measured(0, 0.01, -0.02, 0.02), 0.1));
    }
}
