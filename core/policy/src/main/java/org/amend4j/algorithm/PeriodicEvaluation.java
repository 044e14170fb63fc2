/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeCollector;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.TakenSteps;
import org.amend4j.rollout.Task;

/**
 * Evaluates the policy periodically during training and keeps the best one: before the first update, after every given
 * number of environment steps, and at the end of training. Enabled by {@link PolicyTraining#evaluatedBy}.
 *
 * <p>It has its own environments and random numbers, and neither the policy nor its encoder learns from it: training gives
 * the same bits with and without it. All evaluations of a run play episodes with the same starts, which reduces the
 * variance of their differences. The greatest of several means is biased upwards: evaluate the best policy again on new
 * episodes.
 */
public final class PeriodicEvaluation implements AutoCloseable {

    /**
     * Settings.
     *
     * @param every environment steps of training between two evaluations, at least 1; an evaluation follows the update that
     *     reaches a multiple of it
     * @param episodes of an evaluation, at least 1
     * @param greedy the most likely action always, instead of a drawn one; J is of drawn ones
     */
    @RecordBuilder
    public record Config(long every, int episodes, boolean greedy) implements PeriodicEvaluationConfigBuilder.With {

        /** {@link #episodes} unless told otherwise. */
        public static final int EPISODES = 10;

        public Config {
            if (every < 1) {
                throw new IllegalArgumentException("steps between evaluations must be >= 1, got " + every);
            }
            Checks.atLeast(1, "episodes of an evaluation", episodes);
        }

        /** Ten episodes with drawn actions. */
        public static Config every(long steps) {
            return new Config(steps, EPISODES, false);
        }

        /** With the most likely actions. */
        public Config withGreedyActions() {
            return withGreedy(true);
        }
    }

    /**
     * One evaluation.
     *
     * @param update after which it was made, 0 before the first
     * @param steps of training until then
     * @param mean of the returns
     * @param deviation of the returns, of a sample; 0 for one episode
     * @param length mean number of steps of an episode
     */
    public record Result(long update, long steps, double mean, double deviation, double length) {}

    /** Hears of every evaluation, in the training's thread, while the policy is the one that was evaluated. */
    @FunctionalInterface
    public interface Listener {

        /**
         * An evaluation was made.
         *
         * @param best whether no evaluation before had such a mean
         */
        void evaluated(Result result, boolean best);
    }

    private static final String SETTINGS = "evaluation.settings";

    private final Config config;
    private final EpisodeCollector collector;
    private final OptionalInt batchSize;
    private final Seeds seeds;
    private final List<Listener> listeners = new ArrayList<>();
    private Memory memory = new Memory(List.of(), new double[0], new double[0]);

    /**
     * Makes its environments.
     *
     * @param task what the policy is evaluated on; without a time limit, episodes must end within 100,000 steps
     * @param seed may be the training's own
     */
    public PeriodicEvaluation(Config config, Task task, long seed) {
        this.config = config;
        seeds = new Seeds(seed);
        batchSize = task.batchSize();
        collector = EpisodeCollector.whole(
                task, config.episodes, task.timeLimit().orElse(VectorEnvironment.LONGEST_EPISODE));
    }

    /** Adds a listener. */
    public PeriodicEvaluation listen(Listener listener) {
        listeners.add(listener);
        return this;
    }

    public Config config() {
        return config;
    }

    /** All evaluations so far, in order. */
    public List<Result> results() {
        return memory.results;
    }

    /** The first one of those with the greatest mean; empty before the first evaluation. */
    public Optional<Result> best() {
        return memory.best();
    }

    /**
     * Gives a policy the parameters, and its encoder the statistics, that had the {@link #best()} evaluation.
     *
     * @throws IllegalStateException if there was none yet
     */
    public void useBest(Policy policy) {
        if (memory.results.isEmpty()) {
            throw new IllegalStateException("there must be an evaluation to have a best policy, got none yet");
        }
        policy.setParameters(memory.bestParameters);
        policy.encoder().setStatistics(memory.bestStatistics);
    }

    /** Closes its environments. */
    @Override
    public void close() {
        collector.close();
    }

    /** @throws IllegalArgumentException if the policy cannot play here */
    void requireFor(Policy policy) {
        collector.requireFor(policy);
    }

    boolean isDue(Algorithm algorithm) {
        return memory.results.isEmpty() || algorithm.steps() / config.every > last().steps / config.every;
    }

    boolean isMade(Algorithm algorithm) {
        return !memory.results.isEmpty() && last().update == algorithm.updates();
    }

    private Result last() {
        return memory.results.get(memory.results.size() - 1);
    }

    void evaluate(Algorithm algorithm) {
        Policy policy = algorithm.policy();
        TakenSteps steps = collector.collect(
                "evaluation after update " + algorithm.updates(),
                policy,
                config.greedy,
                seeds.seed(Purpose.PERIODIC_EVALUATION, 0),
                seeds.seed(Purpose.PERIODIC_EVALUATION, 1));
        PolicyScores scores = new PolicyScores(EpisodeSummary.of(steps, 1));
        Result result =
                new Result(algorithm.updates(), algorithm.steps(), scores.mean(), scores.deviation(), scores.length());
        boolean better = best().isEmpty() || result.mean > best().get().mean;
        memory = memory.with(result, better ? Optional.of(policy) : Optional.empty());
        listeners.forEach(listener -> listener.evaluated(result, better));
    }

    void save(TrainingState state) {
        state.putIntegers(SETTINGS, settings());
        memory.save(state);
    }

    /** @throws IllegalArgumentException if it is not a state of an equal evaluation */
    Memory read(TrainingState state, Policy policy) {
        if (!isIn(state)) {
            throw new IllegalArgumentException(
                    "a training can only be resumed with an evaluation if it began with one, got a state without");
        }
        long[] before = Objects.requireNonNull(state.integers().get(SETTINGS));
        if (!Arrays.equals(before, settings())) {
            throw new IllegalArgumentException("a training can only be resumed with its own evaluation, "
                    + words(before) + ", got " + words(settings()));
        }
        return Memory.of(state, policy);
    }

    /** With the batches' size, if there are batches. */
    private long[] settings() {
        LongStream all = LongStream.of(config.every, config.episodes, config.greedy ? 1 : 0);
        return LongStream.concat(all, batchSize.stream().mapToLong(size -> size))
                .toArray();
    }

    private static String words(long[] settings) {
        return String.format(
                Locale.ROOT,
                "%d episodes with %s actions every %d steps%s",
                settings[1],
                settings[2] == 0 ? "drawn" : "greedy",
                settings[0],
                settings.length > 3 ? " in batches of " + settings[3] : "");
    }

    /** Whether a state is of a training with an evaluation. */
    static boolean isIn(TrainingState state) {
        return state.integers().containsKey(SETTINGS);
    }

    /** Goes on from what {@link #read} gave. */
    void restore(Memory before) {
        memory = before;
    }

    /** What was found so far. */
    static final class Memory {

        private final List<Result> results;
        private final double[] bestParameters;
        private final double[] bestStatistics;

        /**
         * Keeps the arrays, which must not change.
         *
         * @param bestParameters of {@link #best()}; empty without one
         * @param bestStatistics of its encoder
         */
        Memory(List<Result> results, double[] bestParameters, double[] bestStatistics) {
            this.results = List.copyOf(results);
            this.bestParameters = bestParameters;
            this.bestStatistics = bestStatistics;
        }

        Optional<Result> best() {
            return results.stream().reduce((one, later) -> later.mean > one.mean ? later : one);
        }

        Memory with(Result result, Optional<Policy> best) {
            List<Result> all = new ArrayList<>(results);
            all.add(result);
            return new Memory(
                    all,
                    best.map(Policy::parameters).orElse(bestParameters),
                    best.map(policy -> policy.encoder().statistics()).orElse(bestStatistics));
        }

        void save(TrainingState state) {
            state.putIntegers(
                    "evaluation.updates",
                    results.stream().mapToLong(Result::update).toArray());
            state.putIntegers(
                    "evaluation.steps",
                    results.stream().mapToLong(Result::steps).toArray());
            state.put(
                    "evaluation.means",
                    results.stream().mapToDouble(Result::mean).toArray());
            state.put(
                    "evaluation.deviations",
                    results.stream().mapToDouble(Result::deviation).toArray());
            state.put(
                    "evaluation.lengths",
                    results.stream().mapToDouble(Result::length).toArray());
            state.put("evaluation.bestParameters", bestParameters);
            state.put("evaluation.bestStatistics", bestStatistics);
        }

        static Memory of(TrainingState state, Policy policy) {
            double[] means = state.get("evaluation.means");
            int n = means.length;
            long[] updates = state.getIntegers("evaluation.updates", n);
            long[] steps = state.getIntegers("evaluation.steps", n);
            double[] deviations = state.get("evaluation.deviations", n);
            double[] lengths = state.get("evaluation.lengths", n);
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                results.add(new Result(updates[i], steps[i], means[i], deviations[i], lengths[i]));
            }
            int statistics = policy.encoder().statistics().length;
            return new Memory(
                    results,
                    state.get("evaluation.bestParameters", n == 0 ? 0 : policy.dimension()),
                    state.get("evaluation.bestStatistics", n == 0 ? 0 : statistics));
        }
    }
}
