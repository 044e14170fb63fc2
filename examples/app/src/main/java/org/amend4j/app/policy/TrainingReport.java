/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.PracticeConfig;
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

    /** Beside a horizon that was given, or was all that the time limit allows. */
    private OptionalInt horizonOfUsualTolerance() {
        Optional<Horizon> given =
                settings.horizon().filter(horizon -> horizon.tolerance().isEmpty());
        return given.isPresent() ? TheoryHorizon.forUsualTolerance(given.get()) : OptionalInt.empty();
    }

    /**
     * The report.
     *
     * @param found results of the seeds, in their order
     * @param curve facts of the learning curve
     */
    Report of(List<JsonNode> found, Map<String, Object> curve) {
        List<SeedResult> results = found.stream().map(SeedResult::of).toList();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("command", "policy train");
        facts.put("versions", versions());
        facts.putAll(settings.words(seeds));
        facts.put("seeds", seeds);
        facts.put("parameters", parameters);
        facts.put("distribution", distribution);
        facts.put("effects", effects);
        if (!(settings.config() instanceof PracticeConfig)) {
            facts.put("theory", theory(results));
        }
        facts.put("results", found);
        returns(results).ifPresent(estimate -> facts.put("return", facts(estimate)));
        facts.put("curve", curve);
        facts.put("out", out.toString());
        return new Report(facts, text(results));
    }

    private Map<String, Object> versions() {
        Map<String, Object> versions = new LinkedHashMap<>();
        versions.put("amend4j", version);
        versions.put("java", Runtime.version().toString());
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return versions;
    }

    /** At the ε whose square is the bias that was allowed. */
    private TheoryOrder order() {
        double tolerance = settings.horizon()
                .map(Horizon::tolerance)
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .orElse(TheoryHorizon.TOLERANCE);
        return new TheoryOrder(Math.min(0.5, Math.sqrt(tolerance)));
    }

    /** Used beside theory's order. */
    private Map<String, Object> theory(List<SeedResult> results) {
        TheoryOrder order = order();
        Map<String, Object> used = new LinkedHashMap<>();
        used.put("policySteps", results.get(0).work().updates());
        settings.horizon().ifPresent(horizon -> used.put("horizon", horizon.steps()));
        horizonOfUsualTolerance().ifPresent(steps -> used.put("horizonOfUsualTolerance", steps));
        Map<String, Object> orders = new LinkedHashMap<>();
        orders.put("epsilon", order.epsilon());
        orders.put("policySteps", order.outerSteps());
        orders.put("horizon", order.horizon());
        if (settings.config() instanceof ActorCritic.Config critic) {
            used.put("criticStepsEach", critic.critic().steps());
            orders.put("criticStepsEach", order.innerSteps());
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("used", used);
        facts.put("order", orders);
        facts.put("sentence", order.sentence());
        longSteps.ifPresent(sentence -> facts.put("stepSize", sentence));
        chain.ifPresent(check -> facts.put("criticChain", check.facts()));
        return facts;
    }

    private static Optional<Estimate> returns(List<SeedResult> results) {
        if (results.size() < 2) {
            return Optional.empty();
        }
        double[] drawn =
                results.stream().mapToDouble(result -> result.returns().drawn()).toArray();
        return Optional.of(Bootstrap.usual(1).estimate(Scores.ofOneTask(drawn), Scores::interquartileMean));
    }

    private static Map<String, Object> facts(Estimate estimate) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("interquartileMean", estimate.value());
        facts.put("low", estimate.low());
        facts.put("high", estimate.high());
        facts.put("level", estimate.level());
        return facts;
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
                    "%6d %,12d %9.1f %,10.0f %12.3f %10.2f  %s%n",
                    result.seed(),
                    result.work().steps(),
                    result.work().seconds(),
                    result.work().stepsPerSecond(),
                    result.returns().drawn(),
                    result.returns().greedy(),
                    result.policy()));
        }
        settings.environment()
                .rewardThreshold()
                .ifPresent(mark -> text.append(String.format(
                        Locale.ROOT,
                        "%d of %d seeds are at %s's mark, %s, with drawn actions (mean return%s).%n",
                        results.stream()
                                .filter(result -> result.returns().drawn() >= mark)
                                .count(),
                        results.size(),
                        settings.environment().id(),
                        mark,
                        results.stream()
                                        .allMatch(result ->
                                                result.returns().exact().isPresent())
                                ? ", computed from the tables"
                                : " of 100 new episodes")));
        returns(results)
                .ifPresent(estimate -> text.append(String.format(
                        Locale.ROOT,
                        "Interquartile mean %.2f, 95 %% interval [%.2f, %.2f].%n",
                        estimate.value(),
                        estimate.low(),
                        estimate.high())));
        if (!(settings.config() instanceof PracticeConfig)) {
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
