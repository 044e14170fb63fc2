package org.amend4j.saddle;

import java.util.concurrent.CancellationException;
import org.amend4j.check.Checks;
import org.amend4j.estimator.Horizon;
import org.amend4j.evaluation.Bootstrap;
import org.amend4j.objective.Eigenpair;
import org.amend4j.objective.ExtremeEigenvalues;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Lanczos;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.Purpose;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Steps;
import org.amend4j.rollout.Task;

/**
 * Examines a policy by two independent batches of trajectories. The first gives the direction v of the greatest upward
 * curvature, by Lanczos on the sampled Hessian; its eigenvalue is too large on average, as the direction fits the noise. The
 * second, which v does not depend on, gives the curvature and the noise along v without that bias. The gradient's norm comes
 * from both, as the product of their means.
 *
 * <p>The policy is left as it was. The estimators have no baseline. Equal policies, settings and seeds give equal reports.
 */
public final class SecondOrderDiagnosis {

    /**
     * Settings.
     *
     * @param horizon H and γ, with what bounds of its bias rest on
     * @param trajectories of each batch, at least 2; a hundred or more for useful intervals
     * @param lanczosSteps most steps from one start, in [1, 30]
     * @param starts of Lanczos, at least 1
     * @param epsilon ε, > 0
     * @param chi χ, > 0, Lipschitz constant of the Hessian
     * @param resamples of bootstrap intervals, at least 100
     */
    public record Config(
            Horizon horizon,
            int trajectories,
            int lanczosSteps,
            int starts,
            double epsilon,
            double chi,
            int resamples) {

        public Config {
            Checks.atLeast(2, "number of trajectories", trajectories);
            Checks.inRange(1, 30, "number of Lanczos steps", lanczosSteps);
            Checks.atLeast(1, "number of Lanczos starts", starts);
            Checks.positive("epsilon", epsilon);
            Checks.positive("chi", chi);
            Checks.atLeast(100, "number of resamples", resamples);
        }

        /** 1,000 trajectories a batch, 30 steps from 2 starts, χ = 1, 2,000 resamples. */
        public static Config of(Horizon horizon, double epsilon) {
            return new Config(horizon, 1_000, 30, 2, epsilon, 1, 2_000);
        }

        public Config withTrajectories(int number) {
            return new Config(horizon, number, lanczosSteps, starts, epsilon, chi, resamples);
        }

        public Config withLanczos(int steps, int numberOfStarts) {
            return new Config(horizon, trajectories, steps, numberOfStarts, epsilon, chi, resamples);
        }

        public Config withChi(double constant) {
            return new Config(horizon, trajectories, lanczosSteps, starts, epsilon, constant, resamples);
        }
    }

    /** Residual, relative to the largest Ritz value, at which a start has found enough; sampling errs by more. */
    private static final double TOLERANCE = 1e-6;

    private static final double LEVEL = 0.95;

    /** Log-probabilities at home, and three directions with four points each. */
    private static final int SINGLE_PASSES = 2 + 3 * 4;

    private final Config config;
    private final Task task;
    private final Seeds seeds;

    /**
     * @param task with a time limit of at least H steps, or none
     * @param seed root of all random numbers; use another one than the training's
     * @throws IllegalArgumentException if the task is known to cut episodes off before H
     */
    public SecondOrderDiagnosis(Config config, Task task, long seed) {
        this.config = config;
        this.task = task;
        this.seeds = new Seeds(seed);
    }

    /** What it costs at most for a policy of so many parameters. */
    public DiagnosisCost cost(int dimension) {
        int products = config.starts * (Math.min(config.lanczosSteps, dimension) + 1);
        int backward = 2 * products + 2;
        long rows = (long) config.trajectories * config.horizon.steps();
        return new DiagnosisCost(2 * rows, rows, backward + SINGLE_PASSES, backward);
    }

    /** As {@link #of(Policy, DiagnosisListener)}, in silence. */
    public SecondOrderReport of(Policy policy) {
        return of(policy, (passes, atMost) -> {});
    }

    /**
     * Examines a policy.
     *
     * @param listener told of every pass over a batch
     * @throws IllegalArgumentException if the policy computes in FLOAT or cannot act in the task, or the horizon exceeds the
     *     time limit
     * @throws IllegalStateException if the policy's normaliser moves meanwhile
     * @throws ArithmeticException if a number is not finite
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    public SecondOrderReport of(Policy policy, DiagnosisListener listener) {
        Passes passes = new Passes(listener, cost(policy.dimension()).forwardPasses());
        return new Examination(batch(policy, 0, passes), batch(policy, 1, passes)).report();
    }

    private FrozenSurrogate batch(Policy policy, int number, Passes passes) {
        passes.requireNotInterrupted();
        return new FrozenSurrogate(
                policy, trajectories(policy, number), config.horizon.constants().gamma(), passes);
    }

    private Steps trajectories(Policy policy, int number) {
        try (EpisodeCollector collector = EpisodeCollector.cutAt(task, config.trajectories, config.horizon.steps())) {
            return collector.collect(
                    policy,
                    false,
                    seeds.generator(Purpose.DIAGNOSTICS, 2L * number),
                    seeds.generator(Purpose.DIAGNOSTICS, 2L * number + 1));
        }
    }

    /** Counts, tells, and ends the work if the thread was interrupted. */
    private static final class Passes implements Runnable {

        private final DiagnosisListener listener;
        private final int atMost;
        private int made;

        Passes(DiagnosisListener listener, int atMost) {
            this.listener = listener;
            this.atMost = atMost;
        }

        @Override
        public void run() {
            made++;
            listener.passed(made, atMost);
            requireNotInterrupted();
        }

        void requireNotInterrupted() {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("interrupted after " + made + " of at most " + atMost + " passes");
            }
        }
    }

    /** Two batches, the first to find v, the second to measure. */
    private final class Examination {

        private final FrozenSurrogate first;
        private final FrozenSurrogate second;

        Examination(FrozenSurrogate first, FrozenSurrogate second) {
            this.first = first;
            this.second = second;
        }

        SecondOrderReport report() {
            HessianVector hessian = first.homeHessian();
            ExtremeEigenvalues found = steepest(hessian);
            // of -J: the smallest is J's largest
            Eigenpair pair = found.smallest().measured(hessian);
            TrajectorySlopes along = second.along(pair.vector());
            double[] squares = new double[along.slopes().length];
            for (int i = 0; i < squares.length; i++) {
                squares[i] = along.slopes()[i] * along.slopes()[i];
            }
            Findings findings = new Findings(
                    false,
                    config.epsilon,
                    config.chi,
                    gradientSquared(),
                    Measured.mean(along.curvatures(), bootstrap(0)),
                    -pair.value(),
                    pair.residual(),
                    Measured.mean(squares, bootstrap(1)),
                    CutOff.of(config.horizon),
                    config.trajectories);
            return findings.report(
                    pair.vector(),
                    new Origin(
                            first.steps() + second.steps(),
                            seeds.root(),
                            config.starts,
                            found.steps(),
                            found.converged(),
                            hessian.step(),
                            along.step()));
        }

        private ExtremeEigenvalues steepest(HessianVector hessian) {
            ExtremeEigenvalues best = lanczos(0).of(hessian, Lanczos.Ends.SMALLEST);
            for (int start = 1; start < config.starts; start++) {
                ExtremeEigenvalues other = lanczos(start).of(hessian, Lanczos.Ends.SMALLEST);
                if (other.smallest().value() < best.smallest().value()) {
                    best = other;
                }
            }
            return best;
        }

        private Lanczos lanczos(int start) {
            return new Lanczos(config.lanczosSteps, TOLERANCE, seeds.seed(Purpose.DIAGNOSTICS, 100L + start));
        }

        private Bootstrap bootstrap(int number) {
            return new Bootstrap(config.resamples, LEVEL, seeds.seed(Purpose.DIAGNOSTICS, 10L + number));
        }

        /**
         * ḡ₁ᵀḡ₂. Its variance given one mean is that of the other mean's numbers along it; the sum of both has the part of noise
         * against noise twice.
         */
        private Measured gradientSquared() {
            double[] one = first.homeGradient();
            double[] two = second.homeGradient();
            double variance = varianceAlong(first, two) + varianceAlong(second, one);
            double product = 0;
            for (int i = 0; i < one.length; i++) {
                product += one[i] * two[i];
            }
            return Measured.normal(product, Math.sqrt(variance));
        }

        /** Of ⟨ĝ, u⟩ for the batch's mean ĝ and a fixed u. */
        private double varianceAlong(FrozenSurrogate batch, double[] u) {
            double norm = 0;
            for (double number : u) {
                norm = Math.hypot(norm, number);
            }
            if (norm == 0) {
                return 0;
            }
            double[] slopes = batch.along(u).slopes();
            double mean = 0;
            for (double slope : slopes) {
                mean += slope / slopes.length;
            }
            return norm * norm * Measured.variance(slopes, mean) / slopes.length;
        }
    }
}
