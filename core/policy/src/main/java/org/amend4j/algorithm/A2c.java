/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Spread;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.RolloutSegment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * Advantage actor-critic with GAE (Mnih and others 2016; Schulman and others 2016), practice mode: the next n steps of several
 * parallel environments, and one optimiser step on them for actor and critic together. The critic is the policy's value
 * output.
 */
public final class A2c extends FragmentAlgorithm {

    /**
     * Settings.
     *
     * @param fragments what is learned from
     * @param terms what is climbed; advantages are normalised over the batch
     * @param climb how
     */
    @RecordBuilder
    public record Config(Fragments fragments, Terms terms, OptimizerConfig climb)
            implements FragmentConfig<Config>, A2cConfigBuilder.With {

        /** 16 environments of 16 steps, Adam 3e-3. */
        public static final Config DEFAULT = new Config(
                new Fragments(16, 16, new GeneralizedAdvantage(0.99, 0.95), false),
                new Terms(false, 0, 0.5),
                new OptimizerConfig(Optimizer.Adam.DEFAULT.withEpsilon(1e-5), Schedule.constant(3e-3), 0.5));

        public Config {
            Checks.present("fragments", fragments);
            Checks.present("terms", terms);
            Checks.present("climb", climb);
        }

        @Override
        public Facts facts() {
            return Facts.of("Config")
                    .with("fragments", fragments)
                    .with("terms", terms)
                    .with("climb", climb);
        }

        @Override
        public String algorithm() {
            return "a2c";
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new A2c(this, task, policy, seed);
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
    }

    private final Config config;

    /**
     * @throws IllegalArgumentException if policy and environment do not belong together, or the policy has a memory or no
     *     value output
     */
    public A2c(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        this.config = config;
    }

    @Override
    protected Learned learn(long update) {
        RolloutSegment fragment = collect(update);
        TakenSteps steps = fragment.steps();
        double[] beyond = CollectedRows.successorValues(policy, steps);
        Policy.Evaluation now = policy.evaluate(steps.decisions());
        Advantages critic = Advantages.of(steps, now.values(), beyond, config.fragments.gae());
        double[] advantages = config.terms.normalise()
                ? Baselines.normalised(critic.advantages(), Spread.POPULATION, Settings.EPSILON)
                : critic.advantages();
        double[] entropies = now.entropies();
        double rate = config.climb.rate().at(steps());
        double[] gradient = now.gradient(
                CollectedRows.scaled(advantages, 1.0 / steps.rows()),
                config.terms.entropyWeights(steps.rows()),
                Advantages.valueWeights(config.terms.value(), critic.values(), critic.targets()));
        Learned learned = new Learned(steps.rows(), fragment.ended())
                .with(Metric.GRADIENT_NORM, climber.step(policy, gradient, rate))
                .with(Metric.ENTROPY, CollectedRows.mean(entropies))
                .with(Metric.RATE, rate);
        critic.measure(learned);
        return learned;
    }

    @Override
    List<EffectOnGuarantee> ownEffects() {
        return List.of();
    }
}
