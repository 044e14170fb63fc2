/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.numeric.Eigenpair;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Precision;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.TakenSteps;

/** Two batches, the first to find v, the second to measure, and what was sampled before both. */
final class Examination {

    // Shares of the error rate, 1 in all.
    private static final double OF_CURVATURE = 0.3;
    private static final double OF_NOISE = 0.1;
    private static final double OF_ENTROPY = 0.1;
    private static final double OF_GRADIENT_ABOVE = 0.2;
    private static final double OF_GRADIENT_BELOW = 0.1;
    private static final double OF_EIGENVALUE = 0.2;

    private final SecondOrderDiagnosis.Config config;
    private final Seeds seeds;
    private final FrozenSurrogate first;
    private final FrozenSurrogate second;
    private final long stepsBefore;
    private final KnownRanges ranges;

    /** What v is, and how much is known of directions that are not v. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    private record Steepest(
            double[] direction,
            double eigenvalue,
            double residual,
            double upper,
            double size,
            Computation.EigenSearch search,
            double gradientStep) {}

    Examination(
            SecondOrderDiagnosis.Config config,
            Seeds seeds,
            TakenSteps before,
            FrozenSurrogate first,
            FrozenSurrogate second) {
        this.config = config;
        this.seeds = seeds;
        this.first = first;
        this.second = second;
        stepsBefore = before.rows();
        ranges = KnownRanges.of(config, before, first, second);
    }

    SecondOrderReport report() {
        Measured gradient = gradientSquared();
        Steepest steepest = SecondOrderDiagnosis.hasAllEigenvalues(first.dimension()) ? ofAll() : byLanczos();
        RowSlopes rows = RowSlopes.of(second.batch(), steepest.direction());
        TrajectorySlopes along = second.along(rows);
        ScoreReach reach = ranges.along(steepest.direction(), rows);
        Measured curvature =
                Measured.mean(along.curvatures(), ranges.returns().curvature(reach), OF_CURVATURE * config.error());
        double[] squares =
                Arrays.stream(second.plainAlong(rows).slopes()).map(x -> x * x).toArray();
        Measured noise = Measured.mean(squares, ranges.plainReturns().slopeSquare(reach), OF_NOISE * config.error())
                .notNegative();
        Findings findings = new Findings(
                new Criterion(config.epsilon(), config.chi(), CutOff.of(config.horizon())),
                standing(),
                gradient,
                new Curvature(
                        steepest.direction(),
                        curvature,
                        steepest.eigenvalue(),
                        steepest.residual(),
                        Math.max(steepest.upper(), curvature.high()),
                        steepest.size()),
                noise,
                ranges.rareReturns(),
                ranges.dead(),
                !ranges.assumptions().isEmpty());
        Computation computation = new Computation(
                new Computation.Sampling(
                        config.trajectories(), stepsBefore + first.steps() + second.steps(), seeds.root()),
                steepest.search(),
                steepest.gradientStep(),
                along.step(),
                Precision.DOUBLE.name());
        return findings.report(new Origin(
                ranges.assumptions(),
                SecondOrderDiagnosis.hasAllEigenvalues(first.dimension()),
                ranges.mayHaveBoundedScores() ? config.error() : 1,
                computation));
    }

    /** All eigenvalues of the sampled Hessian, and how much too low their largest can be. */
    private Steepest ofAll() {
        SampledHessian hessian = SampledHessian.of(first);
        ReturnRange.Span span = ranges.returns().curvature(ranges.everywhere());
        double error = OF_EIGENVALUE * config.error() / 2;
        int n = config.trajectories();
        double above = span.beyond() + UnseenDirection.allowance(hessian.meanSquare(), span.high(), n, error);
        double below = span.beyond() + UnseenDirection.allowance(hessian.meanSquare(), -span.low(), n, error);
        double most = hessian.spectrum().largest() + above;
        double least = hessian.spectrum().smallest() - below;
        return new Steepest(
                hessian.spectrum().top(),
                hessian.spectrum().largest(),
                0,
                most,
                Math.max(most, -least),
                Computation.EigenSearch.ofAll(first.dimension()),
                hessian.step());
    }

    private Steepest byLanczos() {
        HessianVector hessian = first.homeHessian();
        ExtremeEigenvalues best = lanczos(0).of(hessian, Lanczos.Ends.SMALLEST);
        for (int start = 1; start < config.starts(); start++) {
            ExtremeEigenvalues other = lanczos(start).of(hessian, Lanczos.Ends.SMALLEST);
            if (other.smallest().value() < best.smallest().value()) {
                best = other;
            }
        }
        // of -J: the smallest is J's largest
        Eigenpair pair = best.smallest().measured(hessian);
        return new Steepest(
                pair.vector(),
                -pair.value(),
                pair.residual(),
                -pair.value() + pair.residual(),
                Double.POSITIVE_INFINITY,
                new Computation.EigenSearch(config.starts(), best.steps(), best.converged()),
                hessian.step());
    }

    private Lanczos lanczos(int start) {
        return SecondOrderDiagnosis.lanczos(config, seeds, start);
    }

    /**
     * The value is ḡ₁ᵀḡ₂. Its variance given one mean is that of the other mean's numbers along it; the sum of both has the part of
     * noise against noise twice. From above, ‖∇J‖ is bounded by both batches together, from below by one batch along the other's mean.
     */
    private Measured gradientSquared() {
        GradientMoments moments = new GradientMoments(first.dimension());
        double[] one = mean(first, moments);
        double[] two = mean(second, moments);
        ReturnRange.Span span = ranges.returns().slope(ranges.everywhere());
        double above = moments.norm()
                + span.beyond()
                + UnseenDirection.allowance(
                        moments.largestSquare(), span.high(), moments.count(), OF_GRADIENT_ABOVE * config.error());
        Along onSecond = along(second, one);
        Along onFirst = along(first, two);
        double below = Math.max(0, Math.max(onSecond.low(), onFirst.low()));
        double product = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * two[i];
        }
        return new Measured(product, Math.sqrt(onSecond.variance() + onFirst.variance()), below * below, above * above);
    }

    private static double[] mean(FrozenSurrogate batch, GradientMoments moments) {
        double[] mean = new double[batch.dimension()];
        batch.each(batch.home(), (i, gradient) -> {
            moments.add(gradient);
            for (int k = 0; k < mean.length; k++) {
                mean[k] += gradient[k] / batch.trajectories();
            }
        });
        return mean;
    }

    /**
     * A batch along the other's mean gradient u.
     *
     * @param variance of ⟨ĝ, u⟩ for the batch's mean ĝ
     * @param low bound of ⟨∇J, u⟩/‖u‖, which is at most ‖∇J‖
     */
    private record Along(double variance, double low) {}

    private Along along(FrozenSurrogate batch, double[] u) {
        double norm = Vectors.correctedNorm(u);
        if (norm == 0) {
            return new Along(0, 0);
        }
        RowSlopes rows = RowSlopes.of(batch.batch(), u);
        ReturnRange.Span span = ranges.returns().slope(ranges.along(u, rows));
        // two-sided bounds share the error; only the lower is used
        Measured slope = Measured.mean(batch.along(rows).slopes(), span, OF_GRADIENT_BELOW * config.error());
        return new Along(norm * norm * slope.standardError() * slope.standardError(), slope.low());
    }

    private Measured entropyShare(double greatest) {
        return EntropyShare.of(
                List.of(first.batch(), second.batch()),
                greatest,
                Math.min(1, ranges.greatestEntropy().orElse(greatest) / greatest),
                config.horizon().constants().gamma(),
                config.horizon().steps(),
                OF_ENTROPY * config.error());
    }

    private VerdictContext standing() {
        OptionalDouble greatest = first.batch().policy().distribution().greatestEntropy();
        return new VerdictContext(
                ranges.rewards().magnitude() / (1 - config.horizon().constants().gamma()),
                greatest.isPresent() ? entropyShare(greatest.getAsDouble()) : Measured.exact(Double.POSITIVE_INFINITY),
                Double.POSITIVE_INFINITY);
    }
}
