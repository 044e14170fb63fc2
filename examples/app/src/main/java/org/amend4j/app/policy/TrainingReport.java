/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.app.job.Report;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.TheoryOrder;
import org.amend4j.evaluation.Bootstrap;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.Scores;
import org.amend4j.policy.Policy;

/** A training in words and as facts. */
final class TrainingReport {

    private final TrainSettings settings;
    private final List<Long> seeds;
    private final Path out;
    private final String version;
    private final int parameters;
    private final String distribution;
    private final List<String> effects;
    private final Optional<String> longSteps;
    /** Of the first policy; while no probability is 0, where the chain leads stays the same. */
    private final Optional<ChainCheck> chain;

    /** @param first the run of the first seed, before it begins */
    TrainingReport(TrainSettings settings, List<Long> seeds, SeedRun first, Path out, String version) {
        this.settings = settings;
        this.seeds = seeds;
        this.out = out;
        this.version = version;
        Policy policy = first.learner().policy();
        parameters = policy.dimension();
        distribution = policy.distribution().toString();
        effects = first.effects();
        longSteps = LongSteps.sentence(settings, first.learner());
        chain = settings.config() instanceof ActorCritic.Config
                ? ChainCheck.of(settings.trainedOn(), policy)
                : Optional.empty();
    }

    /** What is going to be done, and what the options do to the guarantee. */
    List<String> introduction() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s on %s, %,d trained parameters, %s, until %,d steps for each of %d seed%s",
                settings.config().algorithm(),
                settings.trainedOn().id(),
                parameters,
                settings.start().words(),
                settings.stop().mostSteps(),
                seeds.size(),
                seeds.size() == 1 ? "" : "s"));
        effects.forEach(effect -> lines.add("  " + effect));
        longSteps.ifPresent(sentence -> lines.add("  " + sentence));
        chain.filter(check -> !check.isErgodic()).ifPresent(check -> lines.add("  warning: " + check.sentence()));
        horizonOfUsualTolerance()
                .ifPresent(steps -> lines.add(String.format(
                        Locale.ROOT, "  A bias of at most %s would take H = %,d.", TheoryHorizon.TOLERANCE, steps)));
        return lines;
    }

    /** To compare with a horizon that was given, or was all that the time limit allows. */
    private OptionalInt horizonOfUsualTolerance() {
        Optional<Horizon> given =
                settings.horizon().filter(horizon -> horizon.tolerance().isEmpty());
        return given.isPresent() ? TheoryHorizon.forUsualTolerance(given.get()) : OptionalInt.empty();
    }

    /**
     * The report.
     *
     * @param found results of the seeds, in their order
     * @param curves of learning
     */
    Report of(List<JsonNode> found, TrainChart.Curves curves) {
        List<SeedResult> results = found.stream().map(SeedResult::of).toList();
        Facts facts = new Facts(
                "policy train",
                Versions.of(version),
                settings.facts(),
                new Trained(seeds, settings.evaluated(), parameters, distribution, effects),
                Algorithms.isTheory(settings.config().algorithm()) ? Optional.of(theory(results)) : Optional.empty(),
                new Outcome(found, returns(results).map(Return::of), curves),
                out.toString());
        return new Report(facts, text(results)).saying(sentence(results));
    }

    /** What came out. */
    private String sentence(List<SeedResult> results) {
        List<Double> drawn = drawn(results).boxed().toList();
        if (drawn.isEmpty()) {
            return String.format(
                    Locale.ROOT,
                    "%s on %s: %d seed%s trained, none evaluated.",
                    settings.config().algorithm(),
                    settings.environment().id(),
                    results.size(),
                    results.size() == 1 ? "" : "s");
        }
        return String.format(
                Locale.ROOT,
                "%s on %s: policies of %d seed%s earn %s with drawn actions (mean return of new episodes).",
                settings.config().algorithm(),
                settings.environment().id(),
                drawn.size(),
                drawn.size() == 1 ? "" : "s",
                drawn.size() == 1
                        ? ThreeDigits.of(drawn.get(0))
                        : ThreeDigits.of(Collections.min(drawn)) + " to " + ThreeDigits.of(Collections.max(drawn)));
    }

    /**
     * For JSON.
     *
     * @param theory of algorithms that have one
     */
    private record Facts(
            String command,
            Versions versions,
            @JsonUnwrapped TrainSettings.Facts settings,
            @JsonUnwrapped Trained trained,
            Optional<Theory> theory,
            @JsonUnwrapped Outcome outcome,
            String out) {}

    /** What the numbers were made with. */
    private record Versions(String amend4j, String java, String os) {

        static Versions of(String amend4j) {
            return new Versions(
                    amend4j,
                    Runtime.version().toString(),
                    System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        }
    }

    /**
     * The policies that were trained.
     *
     * @param evaluation on the way, if any
     * @param parameters of each
     * @param effects of the settings on the guarantee
     */
    private record Trained(
            List<Long> seeds, Optional<String> evaluation, int parameters, String distribution, List<String> effects) {}

    /**
     * What came of it.
     *
     * @param results of the seeds
     * @param mean of several seeds
     */
    private record Outcome(
            List<JsonNode> results, @JsonProperty("return") Optional<Return> mean, TrainChart.Curves curve) {}

    /** Over the seeds. */
    private record Return(double interquartileMean, double low, double high, double level) {

        static Return of(Estimate estimate) {
            return new Return(estimate.value(), estimate.low(), estimate.high(), estimate.level());
        }
    }

    /**
     * What was used, compared with theory's order.
     *
     * @param stepSize a sentence about long steps
     * @param criticChain of an actor-critic, where it is known
     */
    private record Theory(
            Used used,
            Order order,
            String sentence,
            Optional<String> stepSize,
            Optional<ChainCheck.Facts> criticChain) {}

    private record Used(
            long policySteps,
            Optional<Integer> horizon,
            Optional<Integer> horizonOfUsualTolerance,
            Optional<Integer> criticStepsEach) {}

    private record Order(double epsilon, double policySteps, double horizon, OptionalDouble criticStepsEach) {}

    /** Theory's order at an ε with ε² equal to the allowed bias. */
    private TheoryOrder order() {
        double tolerance = settings.horizon()
                .map(Horizon::tolerance)
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .orElse(TheoryHorizon.TOLERANCE);
        return new TheoryOrder(Math.min(0.5, Math.sqrt(tolerance)));
    }

    private Theory theory(List<SeedResult> results) {
        TheoryOrder order = order();
        Optional<ActorCritic.Config> critic =
                settings.config() instanceof ActorCritic.Config config ? Optional.of(config) : Optional.empty();
        return new Theory(
                new Used(
                        results.get(0).work().updates(),
                        settings.horizon().map(Horizon::steps),
                        horizonOfUsualTolerance().stream().boxed().findFirst(),
                        critic.map(config -> config.critic().steps())),
                new Order(
                        order.epsilon(),
                        order.outerSteps(),
                        order.horizon(),
                        critic.isPresent() ? OptionalDouble.of(order.innerSteps()) : OptionalDouble.empty()),
                order.sentence(),
                longSteps,
                chain.map(ChainCheck::facts));
    }

    /** Mean returns of drawn actions; none if nothing was evaluated. */
    private static DoubleStream drawn(List<SeedResult> results) {
        return results.stream().flatMap(result -> result.returns().stream()).mapToDouble(SeedResult.Returns::drawn);
    }

    private static Optional<Estimate> returns(List<SeedResult> results) {
        double[] drawn = drawn(results).toArray();
        if (drawn.length < 2) {
            return Optional.empty();
        }
        return Optional.of(Bootstrap.usual(1).estimate(Scores.ofOneTask(drawn), Scores::interquartileMean));
    }

    private static String of(SeedResult result, String format, ToDoubleFunction<SeedResult.Returns> mean) {
        return result.returns()
                .map(returns -> String.format(Locale.ROOT, format, mean.applyAsDouble(returns)))
                .orElse("-");
    }

    private String text(List<SeedResult> results) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%6s %12s %9s %10s %12s %10s  %s%n",
                "seed",
                "steps",
                "seconds",
                "steps/s",
                "drawn",
                "greedy",
                "policy"));
        for (SeedResult result : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "%6d %,12d %9.1f %,10.0f %12s %10s  %s%n",
                    result.seed(),
                    result.work().steps(),
                    result.work().seconds(),
                    result.work().stepsPerSecond(),
                    of(result, "%.3f", SeedResult.Returns::drawn),
                    of(result, "%.2f", SeedResult.Returns::greedy),
                    result.policy()));
        }
        OptionalDouble threshold = settings.environment().rewardThreshold();
        (drawn(results).count() > 0 ? threshold : OptionalDouble.empty())
                .ifPresent(mark -> text.append(String.format(
                        Locale.ROOT,
                        "%d of %d seeds are at %s's mark, %s, with drawn actions (mean return%s).%n",
                        drawn(results).filter(drawn -> drawn >= mark).count(),
                        results.size(),
                        settings.environment().id(),
                        mark,
                        results.stream()
                                        .allMatch(result -> result.returns()
                                                .flatMap(one -> one.exact().stream()
                                                        .boxed()
                                                        .findFirst())
                                                .isPresent())
                                ? ", computed from the tables"
                                : " of " + settings.evaluation().atEnd() + " new episodes")));
        returns(results)
                .ifPresent(estimate -> text.append(String.format(
                        Locale.ROOT,
                        "Interquartile mean %.2f, 95 %% interval [%.2f, %.2f].%n",
                        estimate.value(),
                        estimate.low(),
                        estimate.high())));
        if (Algorithms.isTheory(settings.config().algorithm())) {
            text.append(String.format(
                    Locale.ROOT,
                    "Used: %,d policy steps; %s.%n",
                    results.get(0).work().updates(),
                    order().sentence()));
        }
        results.stream()
                .flatMap(result -> result.bestOrLast().stream())
                .forEach(sentence -> text.append(sentence).append(System.lineSeparator()));
        results.stream()
                .flatMap(result -> result.warnings().stream())
                .forEach(warning -> text.append("Warning: ").append(warning).append(System.lineSeparator()));
        return text.append("Report, chart, metrics and checkpoints are in ")
                .append(out)
                .append('.')
                .toString();
    }
}
