/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.TableScore;
import org.amend4j.rollout.Task;

/**
 * A frozen policy over fresh episodes, once with drawn actions and once with the most likely ones.
 *
 * @param sampled what J speaks of
 * @param exact mean return of drawn actions, computed where the environment has tables
 * @param threshold the environment's mark, if it has one
 */
record EpisodeScores(PolicyScores sampled, PolicyScores greedy, OptionalDouble exact, OptionalDouble threshold) {

    static EpisodeScores of(Policy policy, EnvironmentSpec spec, int episodes, double gamma, long seed) {
        return of(policy, spec, episodes, gamma, seed, steps -> {});
    }

    /**
     * Plays.
     *
     * @param steps is told how many of {@link #steps} are done
     */
    static EpisodeScores of(
            Policy policy, EnvironmentSpec spec, int episodes, double gamma, long seed, LongConsumer steps) {
        Task task = WatchedBatch.task(EnvironmentIds.forEvaluation(spec), steps);
        return new EpisodeScores(
                play(policy, task, episodes, false, gamma, seed),
                play(policy, task, episodes, true, gamma, seed),
                exact(policy, spec),
                spec.rewardThreshold());
    }

    /** The most that {@link #of} takes. */
    static long steps(EnvironmentSpec spec, int episodes) {
        return 2L * episodes * EnvironmentIds.forEvaluation(spec).timeLimit().orElseThrow();
    }

    /** Mean return of drawn actions. */
    static double drawn(Policy policy, EnvironmentSpec spec, int episodes, double gamma, long seed) {
        return play(policy, Task.of(EnvironmentIds.forEvaluation(spec)), episodes, false, gamma, seed)
                .mean();
    }

    private static PolicyScores play(Policy policy, Task task, int episodes, boolean greedy, double gamma, long seed) {
        return PolicyScores.of(
                policy, task, episodes, greedy, gamma, task.timeLimit().orElseThrow(), seed);
    }

    private static OptionalDouble exact(Policy policy, EnvironmentSpec spec) {
        EnvironmentSpec ending = EnvironmentIds.forEvaluation(spec);
        if (ending.finite().isEmpty() || policy.network().recurrent()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(TableScore.expectedReturn(
                policy, ending.finite().get().get(), ending.timeLimit().getAsInt()));
    }

    /** Mean return of drawn actions, as well as it is known. */
    double drawn() {
        return exact.orElse(sampled.mean());
    }

    /** Whether drawn actions reach the mark; empty text where there is none. */
    String solved() {
        return threshold.isEmpty() ? "" : isSolved() ? "solved" : "not solved";
    }

    /** For JSON; {@code solved} where there is a mark. */
    record Facts(
            int episodes,
            Played sampled,
            Played greedy,
            OptionalDouble exactReturn,
            OptionalDouble threshold,
            Optional<Boolean> solved) {}

    /** Means over episodes. */
    record Played(@JsonProperty("return") double mean, double deviation, double discountedReturn, double length) {

        static Played of(PolicyScores scores) {
            return new Played(scores.mean(), scores.deviation(), scores.discounted(), scores.length());
        }
    }

    Facts facts() {
        return new Facts(
                sampled.episodes().size(),
                Played.of(sampled),
                Played.of(greedy),
                exact,
                threshold,
                threshold.isPresent() ? Optional.of(isSolved()) : Optional.empty());
    }

    /** Whether drawn actions reach the mark, if there is one. */
    boolean isSolved() {
        return threshold.isPresent() && drawn() >= threshold.getAsDouble();
    }

    /** What came out. */
    String sentence(String environment) {
        return String.format(
                Locale.ROOT,
                "The policy earns %s with drawn actions and %s with the most likely ones, mean returns of %d episodes of %s%s.",
                ThreeDigits.of(drawn()),
                ThreeDigits.of(greedy.mean()),
                sampled.episodes().size(),
                environment,
                threshold.isEmpty() ? "" : ": " + solved());
    }

    /** Two lines, or three. */
    String text() {
        String mark = threshold.isEmpty()
                ? ""
                : String.format(Locale.ROOT, "; %s (the mark is a mean of %s)", solved(), threshold.getAsDouble());
        String computed = exact.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%ndrawn, from tables:  return %.4f, without error of sampling",
                        exact.getAsDouble());
        return String.format(
                Locale.ROOT,
                "%s%s%s%n%s",
                line("drawn actions", sampled),
                mark,
                computed,
                line("most likely actions", greedy));
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
