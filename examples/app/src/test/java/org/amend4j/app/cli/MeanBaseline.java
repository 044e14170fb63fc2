/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Arrays;
import java.util.List;
import org.amend4j.algorithm.Algorithm;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.GradientAscent;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.OptimizerConfig;
import org.amend4j.algorithm.Schedule;
import org.amend4j.algorithm.TrainingState;
import org.amend4j.identity.Facts;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/** An algorithm as a user writes one: each episode's score, weighted with its return less the mean of all returns before. */
public final class MeanBaseline extends Algorithm {

    /** The name of the file that registers it. */
    static final String SERVICE = "META-INF/services/" + AlgorithmConfig.class.getName();

    /** Settings. */
    public record Config(int episodes, double gamma, double rate) implements AlgorithmConfig {

        /** The usual ones. */
        public Config() {
            this(8, 0.99, 0.02);
        }

        @Override
        public Facts facts() {
            return Facts.of("MeanBaseline")
                    .with("episodes", episodes)
                    .with("gamma", gamma)
                    .with("rate", rate);
        }

        @Override
        public String algorithm() {
            return "mean-baseline";
        }

        @Override
        public double firstRate() {
            return rate;
        }

        @Override
        public Config withFirstRate(double first) {
            return new Config(episodes, gamma, first);
        }

        @Override
        public Config withBatchSize(int size) {
            return new Config(size, gamma, rate);
        }

        @Override
        public Algorithm begin(Task task, Policy policy, long seed) {
            return new MeanBaseline(this, task, policy, seed);
        }
    }

    private final Config config;
    private final EpisodeCollector collector;
    private final GradientAscent climber;
    private double sum;
    private double count;

    private MeanBaseline(Config config, Task task, Policy policy, long seed) {
        super(config, task, policy, seed);
        this.config = config;
        collector = EpisodeCollector.whole(task, config.episodes, 1_000).learning();
        climber = new GradientAscent(
                policy,
                new OptimizerConfig(Optimizer.Adam.DEFAULT, Schedule.constant(config.rate), Double.POSITIVE_INFINITY));
    }

    @Override
    protected Learned learn(long update) {
        TakenSteps steps = collector.collect(
                occasion(update),
                policy,
                false,
                seeds.seed(Purpose.ENVIRONMENT, update),
                seeds.seed(Purpose.ACTIONS, update));
        List<EpisodeSummary> episodes = EpisodeSummary.of(steps, config.gamma);
        double mean = count == 0 ? 0 : sum / count;
        double[] weights = new double[steps.rows()];
        for (int i = 0; i < episodes.size(); i++) {
            Segment segment = steps.segments().get(i);
            double advantage = episodes.get(i).discounted() - mean;
            Arrays.fill(weights, segment.begin(), segment.end(), advantage / steps.rows());
            sum += episodes.get(i).discounted();
            count++;
        }
        double[] gradient = policy.evaluate(steps.decisions()).gradient(weights, new double[0], new double[0]);
        return new Learned(steps.rows(), episodes)
                .with(Metric.GRADIENT_NORM, climber.step(policy, gradient, config.rate));
    }

    @Override
    public List<String> effects() {
        return List.of("The baseline is of the updates before, so it adds no bias.");
    }

    @Override
    protected void save(TrainingState state) {
        climber.save(state);
        state.put("mean-baseline", sum, count);
    }

    @Override
    protected void load(TrainingState state) {
        climber.restore(state);
        double[] returns = state.get("mean-baseline", 2);
        sum = returns[0];
        count = returns[1];
    }

    @Override
    public void close() {
        collector.close();
    }
}
