/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.amend4j.estimator.Horizon;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Lanczos;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * Examines a policy by two independent batches of trajectories. The first gives the direction v of the greatest upward
 * curvature; its eigenvalue is biased upwards, as the direction overfits the noise. The second, which v does not depend on,
 * gives the curvature and the noise along v without that bias. The gradient's norm comes from both. A third, smaller batch
 * is taken first, for a baseline per time step; given that one, all others are unbiased.
 *
 * <p>Intervals account for the range of returns, see {@link ReturnRange}; the error rate is that of all statements of a report together.
 *
 * <p>The policy is left unchanged. Equal policies, settings and seeds give equal reports.
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
     * @param error share of reports that may have a false interval or verdict, in (0, 1)
     */
    @RecordBuilder
    public record Config(
            Horizon horizon, int trajectories, int lanczosSteps, int starts, double epsilon, double chi, double error)
            implements SecondOrderDiagnosisConfigBuilder.With {

        public Config {
            Checks.present("horizon", horizon);
            Checks.atLeast(2, "number of trajectories", trajectories);
            Checks.inRange(1, 30, "number of Lanczos steps", lanczosSteps);
            Checks.atLeast(1, "number of Lanczos starts", starts);
            Checks.positive("epsilon", epsilon);
            Checks.positive("chi", chi);
            Checks.insideUnit("the error rate of a report", error);
        }

        /** 1,000 trajectories a batch, 30 steps from 2 starts, χ = 1, an error rate of 5 %. */
        public static Config of(Horizon horizon, double epsilon) {
            return new Config(horizon, 1_000, 30, 2, epsilon, 1, 0.05);
        }

        public Config withLanczos(int steps, int numberOfStarts) {
            return withLanczosSteps(steps).withStarts(numberOfStarts);
        }
    }

    /** Residual, relative to the largest Ritz value, at which a start has found enough; sampling errs by more. */
    private static final double TOLERANCE = 1e-6;

    /** All eigenvalues of the sampled Hessian are computed up to that many parameters, which is what Lanczos would cost. */
    private static final int MOST_EIGENVALUES = 80;

    /** Of the trajectories of a batch, so many are taken first, for the baseline. */
    private static final double PILOT = 0.25;

    /** Log-probabilities at home and entropies of two batches, gradients of trajectories, three directions with four points each. */
    private static final int SINGLE_PASSES = 2 + 2 + 2 + 3 * 4;

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
        int products = dimension <= MOST_EIGENVALUES
                ? dimension
                : config.starts * (Math.min(config.lanczosSteps, dimension) + 1);
        int backward = 2 * products + 2;
        long rows = (long) config.trajectories * config.horizon.steps();
        long first = (long) pilot() * config.horizon.steps();
        return new DiagnosisCost(2 * rows + first, rows, 2 * products + SINGLE_PASSES, backward);
    }

    private int pilot() {
        return Math.max(2, (int) (PILOT * config.trajectories));
    }

    /** As {@link #of(Policy, DiagnosisListener)}, in silence. */
    public SecondOrderReport of(Policy policy) {
        return of(policy, (passes, atMost) -> {});
    }

    /**
     * Examines a policy.
     *
     * @param listener told of every pass over a batch
     * @throws IllegalArgumentException if the policy computes in FLOAT or cannot act in the task, the horizon exceeds the
     *     time limit, or rewards are outside of the range that the horizon knows
     * @throws IllegalStateException if the policy's normaliser moves meanwhile
     * @throws ArithmeticException if a number is not finite
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    public SecondOrderReport of(Policy policy, DiagnosisListener listener) {
        Passes passes = new Passes(listener, cost(policy.dimension()).forwardPasses());
        TakenSteps before = trajectories(policy, 2, pilot());
        TimeBaseline baseline = TimeBaseline.of(before, config.horizon.steps());
        double gamma = config.horizon.constants().gamma();
        List<FrozenSurrogate> batches = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
            passes.requireNotInterrupted();
            TakenSteps steps = trajectories(policy, number, config.trajectories);
            batches.add(new FrozenSurrogate(policy, steps, gamma, baseline, passes));
        }
        return new Examination(config, seeds, before, batches.get(0), batches.get(1)).report();
    }

    private TakenSteps trajectories(Policy policy, int number, int count) {
        try (EpisodeCollector collector = EpisodeCollector.cutAt(task, count, config.horizon.steps())) {
            return collector.collect(
                    "trajectories of a second-order report",
                    policy,
                    false,
                    seeds.seed(Purpose.DIAGNOSTICS, 2L * number),
                    seeds.seed(Purpose.DIAGNOSTICS, 2L * number + 1));
        }
    }

    /** Up to how many parameters all eigenvalues are computed. */
    static boolean hasAllEigenvalues(int dimension) {
        return dimension <= MOST_EIGENVALUES;
    }

    /** Lanczos from one of the starts. */
    static Lanczos lanczos(Config config, Seeds seeds, int start) {
        return new Lanczos(config.lanczosSteps, TOLERANCE, seeds.seed(Purpose.DIAGNOSTICS, 100L + start));
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
}
