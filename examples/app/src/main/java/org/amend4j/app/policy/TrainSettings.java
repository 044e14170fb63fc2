/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.GymnasiumPresets;
import org.amend4j.algorithm.PracticeConfig;
import org.amend4j.algorithm.Preset;
import org.amend4j.algorithm.Presets;
import org.amend4j.algorithm.StopRule;
import org.amend4j.bridge.GymnasiumEnvironments;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.estimator.Horizon;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Task;
import org.nd4j.linalg.activations.Activation;

/**
 * All settings of a training, resolved.
 *
 * @param environment what is to be learned
 * @param trainedOn the same, perhaps without its time limit
 * @param config the algorithm with its settings
 * @param start what learning begins with
 * @param stop when it ends
 * @param checkpoints when they are kept
 * @param evaluation on the way, and at the end
 * @param rolloutBatch most episodes, environments or pairs that are played together; all if empty
 * @param earlierSteps after which the run was to end before it was told to go on, ascending; checkpoints may still be of then
 */
record TrainSettings(
        EnvironmentSpec environment,
        EnvironmentSpec trainedOn,
        AlgorithmConfig config,
        Start start,
        StopRule stop,
        CheckpointRule checkpoints,
        EvaluationChoice evaluation,
        Optional<Integer> rolloutBatch,
        List<Long> earlierSteps) {

    /** Names among {@link #words}. */
    static final String STEPS_WORD = "steps";

    static final String EARLIER_STEPS_WORD = "earlierSteps";

    private static final long STEPS = 500_000;

    /** Adapters learn faster by larger steps than whole networks; see the demo. */
    private static final double RATE_OF_ADAPTERS = 2;

    private static final List<Integer> HIDDEN = List.of(64, 64);

    /**
     * Chooses what the user left open: by a preset if there is one, else by what is usual.
     *
     * @param seeds of the policy that a horizon is chosen for, where the environment has no tables
     * @throws BadInputException if options contradict each other, the environment or the algorithm
     */
    static TrainSettings of(TrainingOptions options, Seeds seeds) {
        EnvironmentSpec spec = options.surroundings().spec(options.environment());
        requireConsistent(options);
        Optional<Preset> preset = preset(spec.id(), options.algorithm());
        TheoryDefaults theory = TheoryDefaults.of(options.algorithm(), spec);
        EnvironmentSpec trainedOn = trainedOn(spec, options.algorithm(), preset, theory);
        Start start = start(options, trainedOn, preset);
        StopRule usual = preset.map(Preset::stop)
                .orElse(StopRule.steps(Algorithms.isTheory(options.algorithm()) ? theory.steps() : STEPS));
        StopRule stop = options.tuning()
                .steps()
                .map(most -> new StopRule(most, usual.wanted(), usual.window()))
                .orElse(usual);
        try {
            AlgorithmConfig config = config(options, trainedOn, preset, theory, start, stop.mostSteps(), seeds);
            if (options.tuning().batch().isPresent()
                    || options.practice().environments().isPresent()) {
                BatchMemory.require(config, trainedOn);
            }
            return new TrainSettings(
                    spec,
                    trainedOn,
                    config,
                    start,
                    stop,
                    options.checkpoints(),
                    options.evaluation(),
                    options.tuning().rolloutBatch(),
                    List.of());
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    private static Optional<Preset> preset(String id, String algorithm) {
        String name = EnvironmentIds.idOfPreset(id);
        return Presets.of(name, algorithm)
                .or(() -> GymnasiumEnvironments.isOne(id) ? GymnasiumPresets.of(name, algorithm) : Optional.empty());
    }

    private static void requireConsistent(TrainingOptions options) {
        List<String> beginnings = options.beginning().given();
        if (beginnings.size() > 1) {
            throw new BadInputException(String.join(" and ", beginnings) + " are two beginnings: give one of them");
        }
        if (options.tuning().hidden().isPresent() && !beginnings.isEmpty()) {
            throw new BadInputException("--hidden is for new networks: leave it out with " + beginnings.get(0));
        }
        if (options.beginning().distribution().isPresent()
                && !beginnings.isEmpty()
                && options.beginning().model().isEmpty()) {
            throw new BadInputException(
                    "--distribution is that of the saved policy with " + beginnings.get(0) + ": leave it out");
        }
        if (options.tuning().horizon().isPresent()
                && options.tuning().biasTolerance().isPresent()) {
            throw new BadInputException("--horizon and --bias-tolerance both set the horizon: give one of them");
        }
        if (options.tuning().entropy().isPresent() && Algorithms.isTheory(options.algorithm())) {
            throw new BadInputException("--entropy is a setting of --algo reinforce, a2c and ppo, got "
                    + options.algorithm() + ", which climbs the return alone");
        }
        boolean cuts = options.tuning().horizon().isPresent()
                || options.tuning().biasTolerance().isPresent()
                || options.tuning().rewards().isPresent();
        if (cuts && !options.algorithm().equals("gpomdp")) {
            throw new BadInputException(
                    "--horizon, --bias-tolerance and --reward-range are settings of --algo gpomdp, got "
                            + options.algorithm());
        }
    }

    /** Without a time limit where theory wants none, with another one where a preset has one; unless the user insists. */
    private static EnvironmentSpec trainedOn(
            EnvironmentSpec spec, String algorithm, Optional<Preset> preset, TheoryDefaults theory) {
        if (EnvironmentIds.hasLimitOption(spec.id())) {
            return spec;
        }
        if (Algorithms.isTheory(algorithm)) {
            return theory.unlimited() && spec.timeLimit().isPresent() ? spec.withTimeLimit(OptionalInt.empty()) : spec;
        }
        OptionalInt limit = preset.map(Preset::trainingLimit).orElse(OptionalInt.empty());
        return limit.isPresent() ? spec.withTimeLimit(limit) : spec;
    }

    private static Start start(TrainingOptions options, EnvironmentSpec spec, Optional<Preset> preset) {
        if (options.beginning().model().isPresent()) {
            return new Start.Graph(
                    options.beginning().model().get(), options.beginning().distribution());
        }
        if (options.beginning().adapterOf().isPresent()) {
            double alpha = options.beginning().alpha().orElse((double)
                    options.beginning().rank());
            return new Start.Adapter(
                    options.beginning().adapterOf().get(), options.beginning().rank(), alpha);
        }
        if (options.beginning().from().isPresent()) {
            return new Start.Saved(options.beginning().from().get());
        }
        boolean table = spec.finite().isPresent();
        List<Integer> hidden = options.tuning()
                .hidden()
                .orElseGet(() -> preset.map(Preset::hidden).orElse(table ? List.of() : HIDDEN));
        Activation activation =
                preset.map(one -> Activation.valueOf(one.activation().name())).orElse(Activation.TANH);
        boolean normalise =
                preset.map(Preset::normaliseObservations).orElse(!table && !Algorithms.isTheory(options.algorithm()));
        return new Start.Fresh(
                hidden,
                activation,
                preset.map(Preset::ownValue).orElse(false),
                normalise,
                options.beginning().distribution());
    }

    private static AlgorithmConfig config(
            TrainingOptions options,
            EnvironmentSpec spec,
            Optional<Preset> preset,
            TheoryDefaults theory,
            Start start,
            long steps,
            Seeds seeds) {
        String algorithm = options.algorithm();
        double gamma = options.tuning().gamma().orElse(theory.gamma());
        AlgorithmConfig config;
        if (preset.isPresent()) {
            config = preset.get().config();
        } else if (algorithm.equals("gpomdp")) {
            Learner learner = start.learner(spec, false, seeds);
            config = theory.gpomdp(TheoryHorizon.of(
                    spec,
                    learner,
                    gamma,
                    new TheoryHorizon.Wish(
                            options.tuning().horizon(),
                            options.tuning().biasTolerance(),
                            options.tuning().rewards())));
        } else if (algorithm.equals("actor-critic")) {
            config = theory.actorCritic(gamma, Algorithms.critic(spec));
        } else {
            config = Algorithms.practice(algorithm, spec, steps, options.surroundings());
        }
        return wished(config, options, steps);
    }

    private static AlgorithmConfig wished(AlgorithmConfig usual, TrainingOptions options, long steps) {
        AlgorithmConfig config = usual;
        if (options.tuning().rate().isPresent()) {
            config = config.withFirstRate(options.tuning().rate().get());
        } else if (options.beginning().adapterOf().isPresent()) {
            config = config.withFirstRate(RATE_OF_ADAPTERS * config.firstRate());
        }
        if (config instanceof PracticeConfig<?> practice) {
            config = practice.withScheduleEnd(steps);
        }
        requireOwn(config, "--gamma", options.tuning().gamma());
        requireOwn(config, "--entropy", options.tuning().entropy());
        if (options.tuning().gamma().isPresent() && config instanceof PracticeConfig<?> practice) {
            config = practice.withGamma(options.tuning().gamma().get());
        }
        if (options.tuning().entropy().isPresent() && config instanceof PracticeConfig<?> practice) {
            config = practice.withEntropy(options.tuning().entropy().get());
        }
        return options.practice().applied(config, options.tuning().batch());
    }

    private static void requireOwn(AlgorithmConfig config, String option, Optional<Double> given) {
        if (given.isPresent() && !(config instanceof PracticeConfig) && !Algorithms.isTheory(config.algorithm())) {
            throw new BadInputException(option + " is no setting of --algo " + config.algorithm());
        }
    }

    /**
     * The same until another number of steps, where schedules arrive, too.
     *
     * @param earlier {@link #earlierSteps}
     */
    TrainSettings until(long steps, List<Long> earlier) {
        return new TrainSettings(
                environment,
                trainedOn,
                until(steps),
                start,
                new StopRule(steps, stop.wanted(), stop.window()),
                checkpoints,
                evaluation,
                rolloutBatch,
                earlier);
    }

    private AlgorithmConfig until(long steps) {
        return config instanceof PracticeConfig<?> practice ? practice.withScheduleEnd(steps) : config;
    }

    /** Settings of the algorithm that checkpoints may still have. */
    List<AlgorithmConfig> earlierConfigs() {
        return earlierSteps.stream().map(this::until).toList();
    }

    /** An environment as it is played, training and evaluation alike. */
    Task task(EnvironmentSpec spec) {
        Task task = Task.of(spec);
        return rolloutBatch.map(task::inBatchesOf).orElse(task);
    }

    /** The policy as it begins. */
    Learner learner(Seeds seeds) {
        return start.learner(trainedOn, config.needsValue(), seeds);
    }

    /** H, if there is one. */
    Optional<Horizon> horizon() {
        return config instanceof Gpomdp.Config gpomdp ? Optional.of(gpomdp.horizon()) : Optional.empty();
    }

    /**
     * For JSON: what the seeds have in common.
     *
     * @param wantedReturn that ends training early, if one does
     * @param settings of the algorithm, as its identity has them
     * @param rolloutBatch if there are batches
     */
    record Facts(
            String environment,
            String trainedOn,
            String algorithm,
            String start,
            long steps,
            OptionalDouble wantedReturn,
            String settings,
            Optional<Integer> rolloutBatch) {}

    Facts facts() {
        return new Facts(
                environment.id(),
                trainedOn.id(),
                config.algorithm(),
                start.words(),
                stop.mostSteps(),
                stop.wanted(),
                config.facts().text(),
                rolloutBatch);
    }

    /** When and how training is evaluated on the way, in words, if it is. */
    Optional<String> evaluated() {
        return evaluation
                .along()
                .map(wanted -> "every " + wanted.every() + " steps, " + wanted.episodes() + " episodes, "
                        + EvaluationFiles.actions(wanted) + " actions");
    }

    /**
     * All that a run's numbers depend on, in words; a run is resumed with equal words only.
     *
     * @param seeds of the run
     */
    Map<String, String> words(List<Long> seeds) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("environment", environment.id());
        words.put("trainedOn", trainedOn.id());
        words.put("algorithm", config.algorithm());
        words.put("start", start.words());
        words.put(STEPS_WORD, Long.toString(stop.mostSteps()));
        if (!earlierSteps.isEmpty()) {
            words.put(
                    EARLIER_STEPS_WORD,
                    earlierSteps.stream().map(steps -> Long.toString(steps)).collect(Collectors.joining(", ")));
        }
        words.put(
                "wantedReturn",
                stop.wanted().isPresent() ? Double.toString(stop.wanted().getAsDouble()) : "none");
        words.put("settings", config.facts().text());
        words.put("seeds", seeds.stream().map(seed -> Long.toString(seed)).collect(Collectors.joining(", ", "[", "]")));
        evaluated().ifPresent(how -> words.put("evaluation", how));
        if (evaluation.atEnd() != EvaluationChoice.EPISODES) { // as runs of before have it
            words.put("finalEpisodes", Integer.toString(evaluation.atEnd()));
        }
        rolloutBatch.ifPresent(size -> words.put("rolloutBatch", Integer.toString(size)));
        return words;
    }

    /** Environment and algorithm, for a chart or a page. */
    String title() {
        return environment.id() + ", " + config.algorithm();
    }
}
