/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.RolloutSegment;
import org.amend4j.rollout.Seeds.Purpose;
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
     * @param targetKl if the last mini-batch of an epoch had a larger approximate KL, no further epoch learns from the batch
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
            OptimizerConfig climb)
            implements FragmentConfig<Config>, PpoConfigBuilder.With {

        /** The usual numbers: 8 environments of 128 steps, 4 epochs of 4 mini-batches, Adam 2.5e-4, clip 0.2. */
        public static final Config DEFAULT = new Config(
                new Fragments(8, 128, new GeneralizedAdvantage(0.99, 0.95), false),
                4,
                4,
                Schedule.constant(0.2),
                OptionalDouble.empty(),
                new Terms(true, 0.01, 0.5),
                new OptimizerConfig(Optimizer.Adam.DEFAULT.withEpsilon(1e-5), Schedule.constant(2.5e-4), 0.5));

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
        public Config withClimb(OptimizerConfig other) {
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
    protected Learned learn(long update) {
        RolloutSegment fragment = collect(update);
        PpoUpdate batch = new PpoUpdate(config, policy, climber, fragment.steps(), steps());
        SplitMix64 random = seeds.generator(Purpose.MINIBATCHES, update);
        batch.learn(() -> shuffled(fragment.steps().rows(), random));
        return batch.measured(new Learned(fragment.steps().rows(), fragment.ended()));
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
