package org.amend4j.examples.policy;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;

/**
 * A frozen policy over fresh episodes, once with drawn actions and once with the most likely ones.
 *
 * @param sampled what J speaks of
 * @param threshold the environment's mark, if it has one
 */
record Scores(PolicyScores sampled, PolicyScores greedy, OptionalDouble threshold) {

    /** Episodes that a mean return counts as solved over. */
    static final int EPISODES = 100;

    static Scores of(Policy policy, EnvironmentSpec spec, int episodes, double gamma, long seed) {
        return new Scores(
                play(policy, spec, episodes, false, gamma, seed),
                play(policy, spec, episodes, true, gamma, seed),
                spec.rewardThreshold());
    }

    static PolicyScores play(
            Policy policy, EnvironmentSpec spec, int episodes, boolean greedy, double gamma, long seed) {
        EnvironmentSpec ending = EnvironmentIds.forEvaluation(spec);
        return PolicyScores.of(
                policy,
                Task.of(ending),
                episodes,
                greedy,
                gamma,
                ending.timeLimit().getAsInt(),
                seed);
    }

    /** Whether drawn actions reach the mark; empty text where there is none. */
    String solved() {
        return threshold.isEmpty() ? "" : sampled.mean() >= threshold.getAsDouble() ? "solved" : "not solved";
    }

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("episodes", sampled.episodes().size());
        facts.put("sampled", facts(sampled));
        facts.put("greedy", facts(greedy));
        threshold.ifPresent(mark -> {
            facts.put("threshold", mark);
            facts.put("solved", sampled.mean() >= mark);
        });
        return facts;
    }

    private static Map<String, Object> facts(PolicyScores scores) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("return", scores.mean());
        facts.put("deviation", scores.deviation());
        facts.put("discountedReturn", scores.discounted());
        facts.put("length", scores.length());
        return facts;
    }

    /** Two lines. */
    String text() {
        String mark = threshold.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT, "; %s (the mark is %s over 100 episodes)", solved(), threshold.getAsDouble());
        return String.format(
                Locale.ROOT, "%s%s%n%s", line("drawn actions", sampled), mark, line("most likely actions", greedy));
    }

    private static String line(String what, PolicyScores scores) {
        return String.format(
                Locale.ROOT,
                "%-19s return %.2f +- %.2f over %d episodes, discounted %.4f, length %.1f",
                what + ":",
                scores.mean(),
                scores.deviation(),
                scores.episodes().size(),
                scores.discounted(),
                scores.length());
    }
}
