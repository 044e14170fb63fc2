/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.exact.ExactReturn;
import org.amend4j.numeric.Eigenpair;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.HessianVector;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Test;

/**
 * Reports on processes whose truth is computed exactly: how many say anything false. A report's stated rate is 5 %; with 2,000 reports
 * the upper end of a Clopper-Pearson interval of 99 % must be below that.
 */
class FalseStatementsTest {

    private static final int REPORTS = Exhaustive.times(15, 100);

    /** What a report says, ours or the twin's. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    private record Said(
            SaddleVerdict verdict,
            GradientTest gradientTest,
            Measured gradientSquared,
            Measured curvature,
            Measured noise,
            Measured entropy,
            double upper,
            double[] direction) {}

    /** What is true of the return of the first H steps. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    private record Truth(
            StatedProcesses.Case of, ExactReturn exact, double gradientSquared, double[][] hessian, double largest) {

        static Truth of(StatedProcesses.Case one) {
            ExactReturn exact = one.exact();
            double squared = Arrays.stream(exact.returnGradient(one.theta()))
                    .map(x -> x * x)
                    .sum();
            return new Truth(
                    one,
                    exact,
                    squared,
                    exact.returnHessian(one.theta()),
                    exact.returnSpectrum(one.theta()).largest());
        }

        /** The first false statement, or nothing. */
        String falsehood(Said said) {
            double epsilon = of.epsilon();
            boolean small = gradientSquared <= epsilon * epsilon;
            boolean curved = largest > Math.sqrt(epsilon);
            if (!holds(said.gradientSquared(), gradientSquared)) {
                return "gradient";
            }
            if (said.gradientTest() != GradientTest.UNDECIDED && (said.gradientTest() == GradientTest.SMALL) != small) {
                return "gradient " + said.gradientTest();
            }
            if (!holds(said.curvature(), curvatureAlong(said.direction()))) {
                return "curvature";
            }
            if (!holds(said.noise(), exact.estimateSecondMoment(of.theta(), said.direction()))) {
                return "noise";
            }
            if (!holds(said.entropy(), exact.entropyShare(of.theta()))) {
                return "entropy";
            }
            if (said.upper() < largest - ROUNDING * (1 + largest)) {
                return "upper bound";
            }
            boolean right = switch (said.verdict()) {
                case SADDLE -> small && curved;
                case NOT_STATIONARY_CURVED -> !small && curved;
                case CURVED_UPWARDS -> curved;
                case NOT_STATIONARY -> !small;
                case SATURATED -> exact.entropyShare(of.theta()) < SaddleVerdict.SATURATION;
                case DEGENERATE -> small && Math.abs(largest) < 1e-9;
                case SOSP_CONSISTENT -> small && !curved;
                case INCONCLUSIVE -> true;
            };
            return right ? "" : said.verdict().name();
        }

        private double curvatureAlong(double[] v) {
            double sum = 0;
            for (int i = 0; i < v.length; i++) {
                for (int j = 0; j < v.length; j++) {
                    sum += v[i] * hessian[i][j] * v[j];
                }
            }
            return sum;
        }

        private static boolean holds(Measured interval, double value) {
            double room = ROUNDING * (1 + Math.abs(value));
            return interval.low() - room <= value && value <= interval.high() + room;
        }
    }

    /** Differences of log-probabilities, relative to numbers of the size of what is asked. */
    private static final double ROUNDING = 1e-6;

    private static Said said(SecondOrderReport report) {
        return new Said(
                report.verdict(),
                report.gradient().test(),
                report.gradient().squared(),
                report.curvature().along(),
                report.noise().along(),
                report.context().entropyShare(),
                report.curvature().upperEstimate(),
                report.direction());
    }

    @Test
    void fewerReportsThanStatedSayAnythingFalse() {
        List<StatedProcesses.Case> cases = StatedProcesses.all();
        assertEquals(23, cases.size());
        Map<String, Integer> falsehoods = new TreeMap<>();
        Set<SaddleVerdict> heard = EnumSet.noneOf(SaddleVerdict.class);
        int all = 0;
        for (StatedProcesses.Case one : cases) {
            Truth truth = Truth.of(one);
            List<SecondOrderReport> reports =
                    IntStream.range(0, REPORTS).parallel().mapToObj(one::report).toList();
            for (SecondOrderReport report : reports) {
                heard.add(report.verdict());
                String falsehood = truth.falsehood(said(report));
                if (!falsehood.isEmpty()) {
                    falsehoods.merge(one.name() + ": " + falsehood, 1, Integer::sum);
                    all++;
                }
            }
        }
        double highest = highestRate(all, REPORTS * cases.size(), 0.01);
        assertTrue(highest < 0.05, highest + " " + falsehoods);
        // and not because nothing is ever said
        assertTrue(heard.size() >= 6, heard.toString());
    }

    /** Gradients of 1.6, 0.8 and 0.3, and an entropy far above the threshold, of which most pairs of batches see nothing. */
    @Test
    void aBranchThatHardlyAnyTrajectoryTakesIsNotCalledDeterministic() {
        int reports = 150;
        double[] rare = {1e-3, 5e-4, 2e-4};
        for (double q : Arrays.copyOf(rare, Exhaustive.times(1, rare.length))) {
            StatedProcesses.Case branch = StatedProcesses.hiddenBranch(q, 500);
            Truth truth = Truth.of(branch);
            assertTrue(truth.exact().entropyShare(branch.theta()) > 8 * SaddleVerdict.SATURATION);
            assertTrue(truth.gradientSquared() > 9 * branch.epsilon() * branch.epsilon());
            List<SecondOrderReport> all = IntStream.range(0, reports)
                    .parallel()
                    .mapToObj(branch::report)
                    .toList();
            int wrong = (int) all.stream()
                    .filter(one -> !truth.falsehood(said(one)).isEmpty())
                    .count();
            assertTrue(highestRate(wrong, reports, 0.01) < 0.05, wrong + " of " + reports + " for q = " + q);
            // the twin takes the estimate for the entropy, and a gradient that is not shown to be large for a small one
            int twin = (int) all.stream()
                    .filter(one -> one.context().entropyShare().value() < SaddleVerdict.SATURATION
                            && one.gradient().test() != GradientTest.LARGE)
                    .count();
            assertTrue(1 - highestRate(reports - twin, reports, 0.01) > 0.05, twin + " of " + reports);
        }
    }

    /** The rule before: normal intervals, which are points where nothing was seen, and verdicts that do not look at the gradient. */
    @Test
    void theTwinSaysMoreThanThatFalsely() {
        int reports = 10;
        int all = 0;
        for (StatedProcesses.Case one : StatedProcesses.all()) {
            Truth truth = Truth.of(one);
            for (long seed = 0; seed < reports; seed++) {
                all += truth.falsehood(twin(one, seed)).isEmpty() ? 0 : 1;
            }
        }
        int count = reports * StatedProcesses.all().size();
        // the lower end of the same interval
        assertTrue(1 - highestRate(count - all, count, 0.01) > 0.05, all + " of " + count);
    }

    private static Said twin(StatedProcesses.Case one, long seed) {
        List<FrozenSurrogate> batches = new ArrayList<>();
        for (long batch = 0; batch < 2; batch++) {
            TakenSteps steps = Trajectories.sampled(
                    one.environment(), one.policy(), one.trajectories(), one.steps(), 2 * seed + batch);
            batches.add(new FrozenSurrogate(one.policy(), steps, one.gamma()));
        }
        HessianVector hessian = batches.get(0).homeHessian();
        Eigenpair pair = new Lanczos(30, 1e-6, seed)
                .of(hessian, Lanczos.Ends.SMALLEST)
                .smallest()
                .measured(hessian);
        TrajectorySlopes along = batches.get(1).along(pair.vector());
        Measured curvature = normal(along.curvatures());
        Measured noise = normal(Arrays.stream(along.slopes()).map(x -> x * x).toArray());
        double upper = Math.max(-pair.value() + pair.residual(), curvature.high());
        Measured gradient = twinGradient(batches.get(0), batches.get(1));
        GradientTest test = GradientTest.of(gradient, one.epsilon());
        double tolerance = Math.sqrt(one.epsilon());
        SaddleVerdict verdict = SaddleVerdict.INCONCLUSIVE;
        if (curvature.low() > tolerance) {
            verdict = SaddleVerdict.SADDLE;
        } else if (test == GradientTest.SMALL && upper < tolerance) {
            verdict = SaddleVerdict.SOSP_CONSISTENT;
        }
        // which it said nothing of
        Measured entropy = new Measured(0.5, 0, 0, 1);
        return new Said(verdict, test, gradient, curvature, noise, entropy, upper, pair.vector());
    }

    private static Measured twinGradient(FrozenSurrogate first, FrozenSurrogate second) {
        double[] one = first.homeGradient();
        double[] two = second.homeGradient();
        double product = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * two[i];
        }
        double deviation = Math.hypot(deviationAlong(first, two), deviationAlong(second, one));
        return new Measured(product, deviation, product - 1.96 * deviation, product + 1.96 * deviation);
    }

    private static double deviationAlong(FrozenSurrogate batch, double[] u) {
        double norm = Math.sqrt(Arrays.stream(u).map(x -> x * x).sum());
        return norm == 0 ? 0 : norm * normal(batch.along(u).slopes()).standardError();
    }

    private static Measured normal(double[] numbers) {
        double mean = Arrays.stream(numbers).average().orElseThrow();
        double error = Math.sqrt(Measured.variance(numbers, mean) / numbers.length);
        return new Measured(mean, error, mean - 1.96 * error, mean + 1.96 * error);
    }

    /** Clopper-Pearson: the rate at which so few have a chance of α/2. */
    private static double highestRate(int few, int count, double alpha) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (atMost(few, count, middle) > alpha / 2) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return few == count ? 1 : high;
    }

    /** P(X <= k) of a binomial law. */
    private static double atMost(int k, int n, double p) {
        double sum = 0;
        double logTerm = n * Math.log1p(-p);
        for (int i = 0; i <= k; i++) {
            sum += Math.exp(logTerm);
            logTerm += Math.log((double) (n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
        }
        return sum;
    }

    @Test
    void aBinomialBoundIsTheKnownOne() {
        // 1 - (α/2)^(1/n) where there is none, and the table's 0.0556 for 2 of 100 at 98 %
        assertEquals(1 - Math.pow(0.025, 1.0 / 50), highestRate(0, 50, 0.05), 1e-12);
        assertEquals(0.5, atMost(10, 21, 0.5), 1e-12);
    }
}
