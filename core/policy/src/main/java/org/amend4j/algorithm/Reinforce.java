/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.estimator.Baselines;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.Returns;
import org.amend4j.estimator.Spread;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * REINFORCE with a baseline (Williams 1992), practice mode: whole episodes, each step's score weighted with its discounted
 * reward-to-go minus a baseline, one optimiser step per batch. Also for recurrent policies.
 */
public final class Reinforce extends Algorithm {

    /** What is subtracted from rewards to go. */
    public enum Baseline {
        /** Nothing. */
        NONE,
        /** At each time, the mean over the other episodes of the batch; ended ones count with the 0 they still earn. */
        LEAVE_ONE_OUT,
        /**
         * Linear in the encoded observation, a table where that is one-hot: fitted by least squares to the rewards to go of the
         * batch before (Duan and others 2016), so that it says nothing of the actions it is subtracted for; 0 in the first.
         */
        LINEAR,
        /** The policy's own value output, learned along. */
        VALUE
    }

    /**
     * Settings.
     *
     * @param episodes of a batch; at least 2 for {@link Baseline#LEAVE_ONE_OUT}
     * @param mostSteps longer episodes are an error
     * @param gamma in (0, 1]
     * @param baseline what is subtracted
     * @param terms what is climbed; advantages are normalised over the batch, the value's weight is for
     *     {@link Baseline#VALUE}
     * @param climb how
     */
    @RecordBuilder
    public record Config(
            int episodes, int mostSteps, double gamma, Baseline baseline, Terms terms, OptimizerConfig climb)
            implements PracticeConfig<Config>, ReinforceConfigBuilder.With {

        /** Adam 1e-2, 16 episodes, γ = 0.99, leave-one-out baseline: what CartPole is solved with. */
        public static final Config DEFAULT = new Config(
                16,
                10_000,
                0.99,
                Baseline.LEAVE_ONE_OUT,
                new Terms(true, 0, 0.5),
                new OptimizerConfig(Optimizer.Adam.DEFAULT, Schedule.constant(1e-2), Double.POSITIVE_INFINITY));

        public Config {
            Checks.present("baseline", baseline);
            Checks.present("terms", terms);
            Checks.present("climb", climb);
            Checks.atLeast(baseline == Baseline.LEAVE_ONE_OUT ? 2 : 1, "number of episodes", episodes);
            Checks.atLeast(1, "most steps", mostSteps);
            Settings.requireGamma(gamma);
        }

        @Override
        public Facts facts() {
            return Facts.of("Config")
                    .with("episodes", episodes)
                    .with("mostSteps", mostSteps)
                    .with("gamma", gamma)
                    .with("baseline", baseline)
                    .with("terms", terms)
                    .with("climb", climb);
        }

        @Override
        public String algorithm() {
            return "reinforce";
        }

        @Override
        public boolean needsValue() {
            return baseline == Baseline.VALUE;
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new Reinforce(this, task, policy, seed);
        }

        @Override
        public Config withTerms(Terms other) {
            return with().terms(other).build();
        }

        @Override
        public Config withClimb(OptimizerConfig other) {
            return with().climb(other).build();
        }

        @Override
        public Config withGamma(double discount) {
            return with().gamma(discount).build();
        }

        @Override
        public Config withBatchSize(int size) {
            return withEpisodes(size);
        }
    }

    private final Config config;
    private final EpisodeCollector collector;
    private final GradientAscent climber;
    private final StateBaseline linear;

    /**
     * @throws IllegalArgumentException if policy and environment do not belong together, or the baseline is the value of a
     *     policy without a value output
     */
    public Reinforce(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        if (config.baseline == Baseline.VALUE) {
            Settings.requireValue(policy);
        }
        this.config = config;
        collector =
                EpisodeCollector.whole(task, config.episodes, config.mostSteps).learning();
        linear = new StateBaseline(policy.encoder().size());
        try {
            collector.requireFor(policy);
            climber = new GradientAscent(policy, config.climb);
        } catch (RuntimeException e) {
            collector.close();
            throw e;
        }
    }

    @Override
    public void close() {
        collector.close();
    }

    @Override
    protected Learned learn(long update) {
        TakenSteps steps = collector.collect(
                occasion(update),
                policy,
                false,
                seeds.seed(Purpose.ENVIRONMENT, update),
                seeds.seed(Purpose.ACTIONS, update));
        double[][] toGo = new double[config.episodes][];
        Arrays.setAll(
                toGo,
                i -> Returns.toGo(CollectedRows.rewards(steps, steps.segments().get(i)), config.gamma));
        Learned learned = new Learned(steps.rows(), EpisodeSummary.of(steps, config.gamma));
        Policy.Evaluation now = policy.evaluate(steps.decisions());
        double[] returns = flat(toGo);
        double[] advantages = returns;
        double[] valueWeights = {};
        if (config.baseline == Baseline.LEAVE_ONE_OUT) {
            advantages = flat(lessOthers(toGo));
        } else if (config.baseline == Baseline.LINEAR) {
            advantages = minus(returns, linear.of(steps));
            linear.fit(steps, config.gamma);
        } else if (config.baseline == Baseline.VALUE) {
            Advantages critic = new Advantages(minus(returns, now.values()), now.values(), returns);
            critic.measure(learned);
            advantages = critic.advantages();
            valueWeights = Advantages.valueWeights(config.terms.value(), critic.values(), critic.targets());
        }
        if (config.terms.normalise()) {
            advantages = Baselines.normalised(advantages, Spread.POPULATION, Settings.EPSILON);
        }
        double[] entropies = now.entropies();
        double rate = config.climb.rate().at(steps());
        double[] gradient = now.gradient(
                CollectedRows.scaled(advantages, 1.0 / steps.rows()),
                config.terms.entropyWeights(steps.rows()),
                valueWeights);
        return learned.with(Metric.GRADIENT_NORM, climber.step(policy, gradient, rate))
                .with(Metric.ENTROPY, CollectedRows.mean(entropies))
                .with(Metric.RATE, rate);
    }

    /** Rewards to go less the other episodes' mean at the same time, with 0 for those that ended. */
    private static double[][] lessOthers(double[][] toGo) {
        int longest = Arrays.stream(toGo).mapToInt(row -> row.length).max().orElseThrow();
        double[][] padded = new double[toGo.length][];
        Arrays.setAll(padded, i -> Arrays.copyOf(toGo[i], longest));
        double[][] less = Baselines.leaveOneOutPerTime(padded);
        Arrays.setAll(less, i -> Arrays.copyOf(less[i], toGo[i].length));
        return less;
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] minus(double[] numbers, double[] others) {
        double[] result = numbers.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] -= others[i];
        }
        return result;
    }

    @Override
    public List<String> effects() {
        List<EffectOnGuarantee> effects = new ArrayList<>(List.of(EffectOnGuarantee.DROPPED_DISCOUNT));
        if (config.baseline != Baseline.NONE) {
            effects.add(
                    config.baseline == Baseline.LEAVE_ONE_OUT
                            ? EffectOnGuarantee.LEAVE_ONE_OUT_BASELINE
                            : EffectOnGuarantee.STATE_BASELINE);
        }
        Settings.addEffects(effects, policy, config.terms, config.climb);
        return Settings.sentences(effects);
    }

    @Override
    protected void save(TrainingState state) {
        climber.save(state);
        if (config.baseline == Baseline.LINEAR) {
            linear.save(state);
        }
    }

    @Override
    protected void load(TrainingState state) {
        climber.restore(state);
        if (config.baseline == Baseline.LINEAR) {
            linear.restore(state);
        }
    }
}
