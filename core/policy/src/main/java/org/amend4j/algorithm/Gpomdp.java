/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.Horizon;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * Plain stochastic gradient ascent with {@link GpomdpEstimator}: θ ← θ + η ĝ_H. Theory mode: trajectories of a fixed horizon
 * H, discount on absolute time, nothing clipped, normalised or bootstrapped, everything in double. Its steps are unbiased for
 * J_H, and the bias against J is within {@link Horizon#bias()}.
 *
 * <p>Reconstructed from the standard literature; constants and conditions of a convergence theorem are the user's to check.
 */
public final class Gpomdp extends Algorithm {

    /**
     * Settings.
     *
     * @param horizon H and γ, with what bounds of its bias rest on
     * @param trajectories of a batch, at least 1
     * @param stepSize η
     * @param stateBaseline whether to subtract γ^k b(s_k), b being linear in the encoded observation and fitted on the batch
     *     before
     * @param noise standard deviation of a normal number added to each coordinate of ĝ; 0 for none
     */
    @RecordBuilder
    public record Config(Horizon horizon, int trajectories, StepSize stepSize, boolean stateBaseline, double noise)
            implements AlgorithmConfig, GpomdpConfigBuilder.With {

        public Config {
            Checks.present("horizon", horizon);
            Checks.present("stepSize", stepSize);
            Checks.atLeast(1, "number of trajectories", trajectories);
            Checks.notNegative("noise", noise);
        }

        @Override
        public Facts facts() {
            return Facts.of("Config")
                    .with("horizon", horizon)
                    .with("trajectories", trajectories)
                    .with("stepSize", stepSize)
                    .with("stateBaseline", stateBaseline)
                    .with("noise", noise);
        }

        @Override
        public String algorithm() {
            return "gpomdp";
        }

        @Override
        public boolean needsValue() {
            return false;
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new Gpomdp(this, task, policy, seed);
        }

        /** No baseline, no noise, one trajectory an update. */
        public static Config of(Horizon horizon, StepSize stepSize) {
            return new Config(horizon, 1, stepSize, false, 0);
        }

        @Override
        public double gamma() {
            return horizon.constants().gamma();
        }

        @Override
        public double firstRate() {
            return stepSize.at(0);
        }

        @Override
        public Config withFirstRate(double rate) {
            return withStepSize(new StepSize.Constant(rate));
        }

        @Override
        public Config withBatchSize(int size) {
            return withTrajectories(size);
        }
    }

    private final Config config;
    private final EpisodeCollector collector;
    private final GpomdpEstimator estimator;
    private final StateBaseline baseline;

    /**
     * @throws IllegalArgumentException if the policy does not compute in double
     */
    public Gpomdp(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        requireDouble(policy);
        this.config = config;
        collector = EpisodeCollector.cutAt(task, config.trajectories, config.horizon.steps());
        try {
            collector.requireFor(policy);
        } catch (RuntimeException e) {
            collector.close();
            throw e;
        }
        estimator = new GpomdpEstimator(policy, config.gamma());
        baseline = new StateBaseline(policy.encoder().size());
    }

    static void requireDouble(Policy policy) {
        if (policy.network().precision() != Precision.DOUBLE) {
            throw new IllegalArgumentException("theory mode needs a policy that computes in DOUBLE, got "
                    + policy.network().precision());
        }
    }

    @Override
    public void close() {
        collector.close();
    }

    @Override
    public List<String> effects() {
        List<String> sentences = new ArrayList<>(List.of(config.horizon.sentence()));
        if (config.stateBaseline) {
            sentences.add(EffectOnGuarantee.STATE_BASELINE.sentence());
        }
        if (config.noise > 0) {
            sentences.add(EffectOnGuarantee.ISOTROPIC_NOISE.sentence());
        }
        return sentences;
    }

    @Override
    protected Learned learn(long update) {
        TakenSteps steps = collector.collect(
                occasion(update),
                policy,
                false,
                seeds.seed(Purpose.ENVIRONMENT, update),
                seeds.seed(Purpose.ACTIONS, update));
        double[] gradient =
                config.stateBaseline ? estimator.gradient(steps, baseline.of(steps)) : estimator.gradient(steps);
        if (config.stateBaseline) {
            baseline.fit(steps, config.gamma());
        }
        double norm = Vectors.normInOrder(gradient);
        addNoiseInPlace(gradient, config.noise, seeds.generator(Purpose.NOISE, update));
        double eta = config.stepSize.at(update);
        climb(policy, gradient, eta);
        return measured(steps, norm).with(Metric.RATE, eta);
    }

    private Learned measured(TakenSteps steps, double norm) {
        return new Learned(steps.rows(), EpisodeSummary.of(steps, config.gamma()))
                .with(Metric.GRADIENT_NORM, norm)
                .with(Metric.HORIZON, config.horizon.steps())
                .with(Metric.BIAS_BOUND_A, config.horizon.bias(BiasBound.A))
                .with(Metric.BIAS_BOUND_B, config.horizon.bias(BiasBound.B))
                .with(Metric.BIAS_BOUND_C, config.horizon.bias(BiasBound.C));
    }

    static void addNoiseInPlace(double[] gradient, double deviation, SplitMix64 random) {
        if (deviation > 0) {
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] += deviation * random.nextGaussian();
            }
        }
    }

    /** θ ← θ + η g. */
    static void climb(Policy policy, double[] gradient, double eta) {
        double[] theta = policy.parameters();
        for (int i = 0; i < theta.length; i++) {
            theta[i] += eta * gradient[i];
        }
        policy.setParameters(theta);
    }

    @Override
    protected void save(TrainingState state) {
        baseline.save(state);
    }

    @Override
    protected void load(TrainingState state) {
        baseline.restore(state);
    }
}
