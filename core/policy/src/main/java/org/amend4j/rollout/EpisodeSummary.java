/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * An episode's numbers, on the environment's own rewards.
 *
 * @param reward Σ r_t
 * @param discounted Σ γ^t r_t, t from 0 at the episode's start
 * @param length number of steps
 */
public record EpisodeSummary(double reward, double discounted, int length) implements Serializable {

    /**
     * Of steps that were collected episode by episode.
     *
     * @param steps steps in segments that are whole episodes, or their beginnings
     */
    public static List<EpisodeSummary> of(TakenSteps steps, double gamma) {
        List<EpisodeSummary> episodes = new ArrayList<>();
        for (Segment segment : steps.segments()) {
            Running running = new Running(gamma);
            for (int row = segment.begin(); row < segment.end(); row++) {
                running.add(steps.rewards()[row]);
            }
            episodes.add(running.end());
        }
        return episodes;
    }

    /** An episode that is going on. */
    static final class Running {

        private final double gamma;
        private double reward;
        private double discounted;
        private double discount = 1;
        private int length;

        Running(double gamma) {
            this.gamma = gamma;
        }

        void add(double stepReward) {
            reward += stepReward;
            discounted += discount * stepReward;
            discount *= gamma;
            length++;
        }

        int length() {
            return length;
        }

        /** Its numbers; the next one begins. */
        EpisodeSummary end() {
            EpisodeSummary episode = new EpisodeSummary(reward, discounted, length);
            reward = 0;
            discounted = 0;
            discount = 1;
            length = 0;
            return episode;
        }

        double[] state() {
            return new double[] {reward, discounted, discount, length};
        }

        void restore(double[] state, int at) {
            reward = state[at];
            discounted = state[at + 1];
            discount = state[at + 2];
            length = (int) state[at + 3];
        }
    }
}
