/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.ClippedSurrogate;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Spread;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.Fragment;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * Proximal policy optimisation with the clipped objective (Schulman and others 2017), practice mode: the next n steps of several
 * parallel environments, then some epochs of mini-batches over them. The critic is the policy's value output.
 */
public final class Ppo extends FragmentAlgorithm {

    /**
     * Settings.
     *
     * @param fragments what is learned from
     * @param epochs over each batch, at least 1
     * @param minibatches of an epoch, at least 1; sizes differ by 1 at most
     * @param clip of the ratio, by environment steps; below 1
     * @param targetKl after an epoch whose last mini-batch had a larger approximate KL, the batch is left
     * @param terms what is climbed; advantages are normalised over a mini-batch
     * @param climb how
     */
    @RecordBuilder
    public record Config(
            Fragments fragments,
            int epochs,
            int minibatches,
            Schedule clip,
            OptionalDouble targetKl,
            Terms terms,
            Climb climb)
            implements FragmentConfig<Config>, PpoConfigBuilder.With {

        /** The usual numbers: 8 environments of 128 steps, 4 epochs of 4 mini-batches, Adam 2.5e-4, clip 0.2. */
        public static final Config DEFAULT = new Config(
                new Fragments(8, 128, new GeneralizedAdvantage(0.99, 0.95), false),
                4,
                4,
                Schedule.constant(0.2),
                OptionalDouble.empty(),
                new Terms(true, 0.01, 0.5),
                new Climb(Optimizer.Adam.DEFAULT.withEpsilon(1e-5), Schedule.constant(2.5e-4), 0.5));

        public Config {
            Checks.present("fragments", fragments);
            Checks.present("clip", clip);
            Checks.present("targetKl", targetKl);
            Checks.present("terms", terms);
            Checks.present("climb", climb);
            Checks.atLeast(1, "number of epochs", epochs);
            int rows = fragments.environments() * fragments.steps();
            Checks.inRange(1, rows, "number of mini-batches", minibatches);
            targetKl.ifPresent(kl -> Checks.positive("target KL", kl));
        }

        @Override
        public Facts facts() {
            return Facts.of("Config")
                    .with("fragments", fragments)
                    .with("epochs", epochs)
                    .with("minibatches", minibatches)
                    .with("clip", clip)
                    .with("targetKl", targetKl)
                    .with("terms", terms)
                    .with("climb", climb);
        }

        @Override
        public String algorithm() {
            return "ppo";
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new Ppo(this, task, policy, seed);
        }

        @Override
        public Config withFragments(Fragments other) {
            return with().fragments(other).build();
        }

        @Override
        public Config withTerms(Terms other) {
            return with().terms(other).build();
        }

        @Override
        public Config withClimb(Climb other) {
            return with().climb(other).build();
        }

        /** With so many environments, steps of each, epochs over a batch, and mini-batches of an epoch. */
        public Config withBatch(int environments, int steps, int passes, int parts) {
            return withBatch(environments, steps).withEpochs(passes).withMinibatches(parts);
        }

        /** With an approximate KL beyond which a batch is left. */
        public Config withTargetKl(double most) {
            return withTargetKl(OptionalDouble.of(most));
        }

        @Override
        public Config withScheduleEnd(long steps) {
            return FragmentConfig.super.withScheduleEnd(steps).withClip(clip.endingAt(steps));
        }
    }

    private final Config config;

    /**
     * @throws IllegalArgumentException if policy and environment do not belong together, or the policy has a memory or no
     *     value output
     */
    public Ppo(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        this.config = config;
    }

    @Override
    Learned learn(long update) {
        Fragment fragment = collect(update);
        TakenSteps steps = fragment.steps();
        double[] beyond = CollectedRows.successorValues(policy, steps);
        double[] values = policy.evaluate(steps.decisions()).values();
        Advantages critic = Advantages.of(steps, values, beyond, config.fragments.gae());
        double rate = config.climb.rate().at(steps());
        Batch batch = new Batch(steps, critic, new ClippedSurrogate(Math.max(config.clip.at(steps()), 1e-9)), rate);
        SplitMix64 random = seeds.generator(Purpose.MINIBATCHES, update);
        for (int epoch = 0; epoch < config.epochs && !batch.tooFar(); epoch++) {
            batch.epoch(random, epoch == 0);
        }
        Learned learned = new Learned(steps.rows(), fragment.ended())
                .with(Metric.GRADIENT_NORM, batch.norms / batch.minibatches)
                .with(Metric.ENTROPY, batch.entropy / batch.ofEpoch)
                .with(Metric.APPROX_KL, batch.kl / batch.ofEpoch)
                .with(Metric.CLIP_FRACTION, batch.clipped / batch.ofEpoch)
                .with(Metric.RATE, rate);
        critic.measure(learned);
        return learned;
    }

    /** One batch while it is learned from, with sums over the mini-batches of the last epoch. */
    private final class Batch {

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

        Batch(TakenSteps steps, Advantages critic, ClippedSurrogate surrogate, double rate) {
            this.steps = steps;
            this.critic = critic;
            this.surrogate = surrogate;
            this.rate = rate;
        }

        boolean tooFar() {
            return config.targetKl.isPresent() && lastKl > config.targetKl.getAsDouble();
        }

        void epoch(SplitMix64 random, boolean first) {
            ofEpoch = 0;
            entropy = 0;
            kl = 0;
            clipped = 0;
            int[] order = shuffled(steps.rows(), random);
            for (int i = 0; i < config.minibatches; i++) {
                int from = (int) ((long) order.length * i / config.minibatches);
                int to = (int) ((long) order.length * (i + 1) / config.minibatches);
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
            if (config.terms.normalise()) {
                advantages = Baselines.normalised(advantages, Spread.POPULATION, Settings.EPSILON);
            }
            double[] gradient = now.gradient(
                    surrogate.derivative(logRatios, advantages),
                    config.terms.entropyWeights(rows.length),
                    Advantages.valueWeights(
                            config.terms.value(), now.values(), CollectedRows.of(critic.targets(), rows)));
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
                    throw new IllegalStateException(
                            "a policy must give learner and collector the same probabilities, got"
                                    + " logarithms that differ by " + logRatio + " before the first step");
                }
            }
        }
    }

    /** Fisher and Yates. */
    private static int[] shuffled(int count, SplitMix64 random) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    @Override
    List<EffectOnGuarantee> ownEffects() {
        return List.of(EffectOnGuarantee.RATIO_CLIPPING);
    }
}
