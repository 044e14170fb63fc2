/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.policy.Policy;

/** The steps of one environment as they come, cut into segments. */
final class TrajectoryBuffer {

    private final Numbers observations = new Numbers();
    private final Numbers actions = new Numbers();
    private final Numbers rewards = new Numbers();
    private final Numbers logProbabilities = new Numbers();
    private final Flags allowed = new Flags();
    private final List<PlayedSteps.Cut> cuts = new ArrayList<>();
    private int begin;

    /**
     * Adds the step of one of several rows.
     *
     * @param observation that the row saw
     * @param flags [rows · number of actions], or empty
     */
    void add(double[] observation, boolean[] flags, Policy.Chosen chosen, int row, double reward) {
        int ofFlags = flags.length / chosen.actions().length;
        observations.add(observation, 0, observation.length);
        actions.add(chosen.actions()[row], 0, chosen.actions()[row].length);
        rewards.add(reward);
        logProbabilities.add(chosen.logProbabilities()[row]);
        allowed.add(flags, row * ofFlags, ofFlags);
    }

    /** Steps since the last cut. */
    int open() {
        return rewards.size - begin;
    }

    /** Ends the segment. */
    void cut(int time, boolean terminated, boolean truncated, double[] next) {
        cuts.add(new PlayedSteps.Cut(open(), time, terminated, truncated, next));
        begin = rewards.size;
    }

    /** One after the other. */
    static PlayedSteps join(List<TrajectoryBuffer> tracks) {
        Numbers observations = new Numbers();
        Numbers actions = new Numbers();
        Numbers rewards = new Numbers();
        Numbers logProbabilities = new Numbers();
        Flags allowed = new Flags();
        List<PlayedSteps.Cut> cuts = new ArrayList<>();
        for (TrajectoryBuffer track : tracks) {
            cuts.addAll(track.cuts);
            observations.add(track.observations);
            actions.add(track.actions);
            rewards.add(track.rewards);
            logProbabilities.add(track.logProbabilities);
            allowed.add(track.allowed.values, 0, track.allowed.size);
        }
        return new PlayedSteps(
                observations.size / rewards.size,
                tracks.stream().mapToInt(track -> track.rewards.size).toArray(),
                observations.toArray(),
                actions.toArray(),
                allowed.toArray(),
                rewards.toArray(),
                logProbabilities.toArray(),
                cuts);
    }

    private static final class Numbers {
        private double[] values = new double[16];
        private int size;

        void add(double value) {
            grow(1);
            values[size++] = value;
        }

        void add(double[] from, int at, int count) {
            grow(count);
            System.arraycopy(from, at, values, size, count);
            size += count;
        }

        void add(Numbers others) {
            add(others.values, 0, others.size);
        }

        private void grow(int more) {
            if (size + more > values.length) {
                values = Arrays.copyOf(values, Math.max(size + more, 2 * values.length));
            }
        }

        double[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }

    private static final class Flags {
        private boolean[] values = new boolean[0];
        private int size;

        void add(boolean[] from, int at, int count) {
            if (size + count > values.length) {
                values = Arrays.copyOf(values, Math.max(size + count, 2 * values.length));
            }
            System.arraycopy(from, at, values, size, count);
            size += count;
        }

        boolean[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
