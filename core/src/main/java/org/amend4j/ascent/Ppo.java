package org.amend4j.ascent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.check.Checks;
import org.amend4j.environment.SplitMix64;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.ClippedSurrogate;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Spread;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Fragment;
import org.amend4j.rollout.FragmentCollector;
import org.amend4j.rollout.Purpose;
import org.amend4j.rollout.Steps;
import org.amend4j.rollout.Task;

/**
 * Proximal policy optimisation with the clipped objective (Schulman and others 2017), practice mode: the next n steps of several
 * environments side by side, then some epochs of mini-batches over them. The critic is the policy's value output.
 */
public final class Ppo extends Algorithm {

    /**
     * Settings.
     *
     * @param environments side by side, at least 1
     * @param steps n, of each environment, at least 1
     * @param epochs over each batch, at least 1
     * @param minibatches of an epoch, at least 1; sizes differ by 1 at most
     * @param gamma in (0, 1]
     * @param lambda of GAE, in [0, 1]
     * @param normaliseRewards whether rewards are divided by the running deviation of the discounted return
     * @param clip of the ratio, by environment steps; below 1
     * @param normalise whether a mini-batch's advantages are brought to mean 0 and deviation 1
     * @param entropy weight of the policy's mean entropy, at least 0
     * @param valueWeight of ½(V - target)², at least 0
     * @param targetKl after an epoch whose last mini-batch had a larger approximate KL, the batch is left
     * @param optimizer how gradients become steps
     * @param rate η, by environment steps
     * @param mostNorm longer gradients are shortened to it; ∞ for never
     */
    public record Config(
            int environments,
            int steps,
            int epochs,
            int minibatches,
            double gamma,
            double lambda,
            boolean normaliseRewards,
            Schedule clip,
            boolean normalise,
            double entropy,
            double valueWeight,
            OptionalDouble targetKl,
            Optimizer optimizer,
            Schedule rate,
            double mostNorm)
            implements AlgorithmConfig {

        /** The usual numbers: 8 environments of 128 steps, 4 epochs of 4 mini-batches, Adam 2.5e-4, clip 0.2. */
        public static final Config DEFAULT = new Config(
                8,
                128,
                4,
                4,
                0.99,
                0.95,
                false,
                Schedule.constant(0.2),
                true,
                0.01,
                0.5,
                OptionalDouble.empty(),
                Optimizer.Adam.DEFAULT.withEpsilon(1e-5),
                Schedule.constant(2.5e-4),
                0.5);

        public Config {
            Checks.atLeast(1, "number of environments", environments);
            Checks.atLeast(1, "number of steps", steps);
            Checks.atLeast(1, "number of epochs", epochs);
            Checks.inRange(1, Math.multiplyExact(environments, steps), "number of mini-batches", minibatches);
            Settings.requireGamma(gamma);
            Checks.notNegative("entropy", entropy);
            Checks.notNegative("value weight", valueWeight);
            targetKl.ifPresent(kl -> Checks.positive("target KL", kl));
            Settings.requireNorm(mostNorm);
        }

        @Override
        public String algorithm() {
            return "ppo";
        }

        @Override
        public boolean needsValue() {
            return true;
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new Ppo(this, task, policy, seed);
        }

        public Config withBatch(int rows, int stepsOfEach, int passes, int parts) {
            return new Config(
                    rows,
                    stepsOfEach,
                    passes,
                    parts,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withGamma(double discount) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    discount,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withLambda(double weight) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    weight,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withClip(Schedule range) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    range,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withNormalisedRewards() {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    true,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withNormalise(boolean wanted) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    wanted,
                    entropy,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withEntropy(double weight) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    weight,
                    valueWeight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withValueWeight(double weight) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    weight,
                    targetKl,
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withTargetKl(double most) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    OptionalDouble.of(most),
                    optimizer,
                    rate,
                    mostNorm);
        }

        public Config withOptimizer(Optimizer other, Schedule otherRate) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
                    other,
                    otherRate,
                    mostNorm);
        }

        public Config withMostNorm(double norm) {
            return new Config(
                    environments,
                    steps,
                    epochs,
                    minibatches,
                    gamma,
                    lambda,
                    normaliseRewards,
                    clip,
                    normalise,
                    entropy,
                    valueWeight,
                    targetKl,
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
    public Ppo(Config config, Task task, Policy policy, long seed) {
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
        double rate = config.rate.at(steps());
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

        private final Steps steps;
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

        Batch(Steps steps, Advantages critic, ClippedSurrogate surrogate, double rate) {
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
            Decisions decisions = Rows.of(steps.decisions(), rows);
            Policy.Evaluation now = policy.evaluate(decisions);
            double[] logRatios = now.logProbabilities();
            for (int i = 0; i < rows.length; i++) {
                logRatios[i] -= steps.logProbabilities()[rows[i]];
            }
            if (fresh) {
                requireSamePolicy(logRatios);
            }
            measure(now, logRatios);
            double[] advantages = Rows.of(critic.advantages(), rows);
            if (config.normalise) {
                advantages = Baselines.normalised(advantages, Spread.POPULATION, Settings.EPSILON);
            }
            double[] gradient = now.gradient(
                    surrogate.derivative(logRatios, advantages),
                    Rows.constant(rows.length, config.entropy / rows.length),
                    Advantages.valueWeights(config.valueWeight, now.values(), Rows.of(critic.targets(), rows)));
            norms += climber.step(policy, gradient, rate);
        }

        private void measure(Policy.Evaluation now, double[] logRatios) {
            minibatches++;
            ofEpoch++;
            lastKl = ClippedSurrogate.approximateKl(logRatios);
            kl += lastKl;
            entropy += Rows.mean(now.entropies());
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
    public List<String> effects() {
        List<EffectOnGuarantee> effects = new ArrayList<>(List.of(
                EffectOnGuarantee.RATIO_CLIPPING,
                EffectOnGuarantee.DROPPED_DISCOUNT,
                EffectOnGuarantee.BOOTSTRAP_AT_TRUNCATION));
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
