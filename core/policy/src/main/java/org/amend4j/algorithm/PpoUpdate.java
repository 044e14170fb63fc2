/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Arrays;
import java.util.function.Supplier;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.ClippedSurrogate;
import org.amend4j.estimator.Spread;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.TakenSteps;

/** One batch of PPO while it is learned from, with sums over the mini-batches of the last epoch. */
final class PpoUpdate {

    private final Ppo.Config config;
    private final Policy policy;
    private final GradientAscent climber;
    private final TakenSteps steps;
    private final Advantages critic;
    private final ClippedSurrogate surrogate;
    private final double rate;
    private double norms;
    private int minibatches;
    private int ofEpoch;
    private double entropy;
    private double kl;
    private double clipped;
    private double lastKl;

    /** @param before environment steps of earlier batches, for schedules */
    PpoUpdate(Ppo.Config config, Policy policy, GradientAscent climber, TakenSteps steps, long before) {
        this.config = config;
        this.policy = policy;
        this.climber = climber;
        this.steps = steps;
        double[] beyond = CollectedRows.successorValues(policy, steps);
        double[] values = policy.evaluate(steps.decisions()).values();
        critic = Advantages.of(steps, values, beyond, config.fragments().gae());
        surrogate = new ClippedSurrogate(Math.max(config.clip().at(before), 1e-9));
        rate = config.climb().rate().at(before);
    }

    /** What the critic makes of the batch. */
    Advantages critic() {
        return critic;
    }

    /**
     * Goes through the batch, epoch after epoch.
     *
     * @param orders all rows in an epoch's order; mini-batches are consecutive ones
     */
    void learn(Supplier<int[]> orders) {
        for (int epoch = 0; epoch < config.epochs() && !tooFar(); epoch++) {
            epoch(orders.get(), epoch == 0);
        }
    }

    private boolean tooFar() {
        return config.targetKl().isPresent() && lastKl > config.targetKl().getAsDouble();
    }

    private void epoch(int[] order, boolean first) {
        ofEpoch = 0;
        entropy = 0;
        kl = 0;
        clipped = 0;
        for (int i = 0; i < config.minibatches(); i++) {
            int from = (int) ((long) order.length * i / config.minibatches());
            int to = (int) ((long) order.length * (i + 1) / config.minibatches());
            minibatch(Arrays.copyOfRange(order, from, to), first && i == 0);
        }
    }

    private void minibatch(int[] rows, boolean fresh) {
        Decisions decisions = CollectedRows.of(steps.decisions(), rows);
        Policy.Evaluation now = policy.evaluate(decisions);
        double[] logRatios = now.logProbabilities();
        for (int i = 0; i < rows.length; i++) {
            logRatios[i] -= steps.logProbabilities()[rows[i]];
        }
        if (fresh) {
            requireSamePolicy(logRatios);
        }
        measure(now, logRatios);
        double[] advantages = CollectedRows.of(critic.advantages(), rows);
        if (config.terms().normalise()) {
            advantages = Baselines.normalised(advantages, Spread.POPULATION, Settings.EPSILON);
        }
        double[] gradient = now.gradient(
                surrogate.derivative(logRatios, advantages),
                config.terms().entropyWeights(rows.length),
                Advantages.valueWeights(
                        config.terms().value(), now.values(), CollectedRows.of(critic.targets(), rows)));
        norms += climber.step(policy, gradient, rate);
    }

    private void measure(Policy.Evaluation now, double[] logRatios) {
        minibatches++;
        ofEpoch++;
        lastKl = ClippedSurrogate.approximateKl(logRatios);
        kl += lastKl;
        entropy += CollectedRows.mean(now.entropies());
        clipped += surrogate.clipFraction(logRatios);
    }

    /** Before the first step, learner and collector are one policy: dropout or stale parameters show here. */
    private void requireSamePolicy(double[] logRatios) {
        double most = policy.network().precision() == Precision.DOUBLE ? 1e-9 : 1e-3;
        for (double logRatio : logRatios) {
            if (!(Math.abs(logRatio) <= most)) {
                throw new IllegalStateException("a policy must give learner and collector the same probabilities, got"
                        + " logarithms that differ by " + logRatio + " before the first step");
            }
        }
    }

    /** Adds what was seen on the way. */
    Algorithm.Learned measured(Algorithm.Learned learned) {
        learned.with(Metric.GRADIENT_NORM, norms / minibatches)
                .with(Metric.ENTROPY, entropy / ofEpoch)
                .with(Metric.APPROX_KL, kl / ofEpoch)
                .with(Metric.CLIP_FRACTION, clipped / ofEpoch)
                .with(Metric.RATE, rate);
        critic.measure(learned);
        return learned;
    }
}
