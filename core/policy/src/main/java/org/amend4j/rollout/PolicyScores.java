/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Seeds.Purpose;

/**
 * Scores of a frozen policy over episodes.
 *
 * @param episodes all of them, in order of their seeds; at least 1
 */
public record PolicyScores(List<EpisodeSummary> episodes) {

    public PolicyScores {
        episodes = List.copyOf(episodes);
        if (episodes.isEmpty()) {
            throw new IllegalArgumentException("scores need at least 1 episode, got none");
        }
    }

    /**
     * Plays episodes in fresh environments. Nothing is learned: not by the policy, not by its encoder.
     *
     * @param greedy the most likely action always, instead of a drawn one; J is of drawn ones
     * @param gamma of {@link EpisodeSummary#discounted()}
     * @param mostSteps a longer episode is an error
     * @param seed root of all random numbers; use another one than the training's
     */
    public static PolicyScores of(
            Policy policy, Task task, int episodes, boolean greedy, double gamma, int mostSteps, long seed) {
        Seeds seeds = new Seeds(seed);
        try (EpisodeCollector collector = EpisodeCollector.whole(task, episodes, mostSteps)) {
            TakenSteps steps = collector.collect(
                    "evaluation", policy, greedy, seeds.seed(Purpose.EVALUATION, 0), seeds.seed(Purpose.EVALUATION, 1));
            return new PolicyScores(EpisodeSummary.of(steps, gamma));
        }
    }

    /** Mean of Σ r_t. */
    public double mean() {
        return mean(EpisodeSummary::reward);
    }

    /** Standard deviation of Σ r_t, of a sample; 0 for one episode. */
    public double deviation() {
        double mean = mean();
        double squares = mean(episode -> (episode.reward() - mean) * (episode.reward() - mean));
        return episodes.size() == 1 ? 0 : Math.sqrt(squares * episodes.size() / (episodes.size() - 1));
    }

    /** Mean of Σ γ^t r_t: an estimate of J, if actions were drawn. */
    public double discounted() {
        return mean(EpisodeSummary::discounted);
    }

    /** Mean number of steps. */
    public double length() {
        return mean(EpisodeSummary::length);
    }

    private double mean(ToDoubleFunction<EpisodeSummary> number) {
        return episodes.stream().mapToDouble(number).sum() / episodes.size();
    }
}
