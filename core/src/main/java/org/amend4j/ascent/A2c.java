package org.amend4j.ascent;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.check.Checks;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Spread;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Fragment;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.Purpose;
import org.amend4j.rollout.Steps;
import org.amend4j.rollout.Task;

/**
 * Advantage actor-critic with GAE (Mnih and others 2016; Schulman and others 2016), practice mode: the next n steps of several
 * environments side by side, and one optimiser step on them for actor and critic together. The critic is the policy's value
 * output.
 */
public final class A2c extends Algorithm {

    /**
     * Settings.
     *
     * @param environments side by side, at least 1
     * @param steps n, of each environment, at least 1
     * @param gamma in (0, 1]
     * @param lambda of GAE, in [0, 1]
     * @param normaliseRewards whether rewards are divided by the running deviation of the discounted return
     * @param normalise whether advantages are brought to mean 0 and deviation 1 over the batch
     * @param entropy weight of the policy's mean entropy, at least 0
     * @param valueWeight of ½(V - target)², at least 0
     * @param optimizer how gradients become steps
     * @param rate η, by environment steps
     * @param mostNorm longer gradients are shortened to it; ∞ for never
     */
    public record Config(
            int environments,
            int steps,
            double gamma,
            double lambda,
            boolean normaliseRewards,
            boolean normalise,
            double entropy,
            double valueWeight,
            Optimizer optimizer,
            Schedule rate,
            double mostNorm)
            implements AlgorithmConfig {

        /** 16 environments of 16 steps, Adam 3e-3. */
        public static final Config DEFAULT = new Config(
                16,
                16,
                0.99,
                0.95,
                false,
                false,
                0,
                0.5,
                Optimizer.Adam.DEFAULT.withEpsilon(1e-5),
                Schedule.constant(3e-3),
                0.5);

        public Config {
            Checks.atLeast(1, "number of environments", environments);
            Checks.atLeast(1, "number of steps", steps);
            Settings.requireGamma(gamma);
            Checks.notNegative("entropy", entropy);
            Checks.notNegative("value weight", valueWeight);
            Settings.requireNorm(mostNorm);
        }

        @Override
        public String algorithm() {
            return "a2c";
        }

        @Override
        public boolean needsValue() {
            return true;
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new A2c(this, task, policy, seed);
        }

        public Config withBatch(int rows, int stepsOfEach) {
            return new Config(
                    rows,
                    stepsOfEach,
                    gamma,
                    lambda,
                    normaliseRewards,
                    normalise,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withGamma(double discount) {
            return new Config(
                    environments,
                    steps,
                    discount,
                    lambda,
                    normaliseRewards,
                    normalise,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withLambda(double weight) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    weight,
                    normaliseRewards,
                    normalise,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withNormalisedRewards() {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    true,
                    normalise,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withNormalise(boolean wanted) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    normaliseRewards,
                    wanted,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withEntropy(double weight) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    normaliseRewards,
                    normalise,
                    weight,
                    valueWeight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withValueWeight(double weight) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    normaliseRewards,
                    normalise,
                    entropy,
                    weight,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withOptimizer(Optimizer other, Schedule otherRate) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    normaliseRewards,
                    normalise,
                    entropy,
                    valueWeight,
                    other,
                    otherRate,
                    mostNorm);
        }

        public Config withMostNorm(double norm) {
            return new Config(
                    environments,
                    steps,
                    gamma,
                    lambda,
                    normaliseRewards,
                    normalise,
                    entropy,
                    valueWeight,
                    optimizer,
                    rate,
                    norm);
        }
    }

    private final Config config;
    private final FragmentCollector collector;
    private final GeneralizedAdvantage gae;
    private final Climber climber;

    /**
     * @throws IllegalArgumentException if policy and environment do not belong together, or the policy has a memory or no
     *     value output
     */
    public A2c(Config config, Task task, Policy policy, long seed) {
        super(config.algorithm() + " " + config, task, policy, seed);
        Settings.requireValue(policy);
        this.config = config;
        collector = new FragmentCollector(
                task, config.environments, config.gamma, config.normaliseRewards, seeds.seed(Purpose.ENVIRONMENT, 0));
        collector.requireFor(policy);
        gae = new GeneralizedAdvantage(config.gamma, config.lambda);
        climber = new Climber(policy, config.optimizer, config.mostNorm);
    }

    @Override
    Learned learn(long update) {
        Fragment fragment = collector.collect(policy, config.steps, seeds.generator(Purpose.ACTIONS, update));
        Steps steps = fragment.steps();
        Advantages critic = Advantages.of(policy, steps, steps.rewards(), gae);
        double[] advantages = config.normalise
                ? Baselines.normalised(critic.advantages(), Spread.POPULATION, Settings.EPSILON)
                : critic.advantages();
        Policy.Evaluation now = policy.evaluate(steps.decisions());
        double[] entropies = now.entropies();
        double rate = config.rate.at(steps());
        double[] gradient = now.gradient(
                Rows.scaled(advantages, 1.0 / steps.rows()),
                Rows.constant(steps.rows(), config.entropy / steps.rows()),
                Advantages.valueWeights(config.valueWeight, critic.values(), critic.targets()));
        Learned learned = new Learned(steps.rows(), fragment.ended())
                .with(Metric.GRADIENT_NORM, climber.step(policy, gradient, rate))
                .with(Metric.ENTROPY, Rows.mean(entropies))
                .with(Metric.RATE, rate);
        critic.measure(learned);
        return learned;
    }

    @Override
    public List<String> effects() {
        List<EffectOnGuarantee> effects =
                new ArrayList<>(List.of(EffectOnGuarantee.DROPPED_DISCOUNT, EffectOnGuarantee.BOOTSTRAP_AT_TRUNCATION));
        effects.add(
                config.lambda == 1
                        ? EffectOnGuarantee.GAE_WITH_LAMBDA_ONE
                        : EffectOnGuarantee.GAE_WITH_LAMBDA_BELOW_ONE);
        if (config.normaliseRewards) {
            effects.add(EffectOnGuarantee.REWARD_NORMALISATION);
        }
        Settings.addEffects(
                effects, policy, config.normalise, config.entropy, config.optimizer, config.rate, config.mostNorm);
        return Settings.sentences(effects);
    }

    @Override
    void save(TrainingState state) {
        climber.save(state);
        CollectorState.save(collector, state);
    }

    @Override
    void load(TrainingState state) {
        climber.restore(state);
        CollectorState.restore(collector, state);
    }
}
