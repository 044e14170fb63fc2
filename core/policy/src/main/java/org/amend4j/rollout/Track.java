/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;

/** The steps of one environment as they come, cut into segments. */
final class Track {

    private final Numbers inputs = new Numbers();
    private final Numbers actions = new Numbers();
    private final Numbers rewards = new Numbers();
    private final Numbers logProbabilities = new Numbers();
    private final Flags allowed = new Flags();
    private final List<Segment> segments = new ArrayList<>();
    private int begin;

    /**
     * Adds the step of one of several rows.
     *
     * @param seen [rows · inputs]
     * @param flags [rows · number of actions], or empty
     */
    void add(double[] seen, boolean[] flags, Policy.Chosen chosen, int row, double reward) {
        int rows = chosen.actions().length;
        int size = seen.length / rows;
        int ofFlags = flags.length / rows;
        inputs.add(seen, row * size, size);
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
    void cut(int time, boolean terminated, boolean truncated, double[] successor) {
        segments.add(new Segment(begin, open(), time, terminated, truncated, successor));
        begin = rewards.size;
    }

    /** One after the other. */
    static TakenSteps join(List<Track> tracks) {
        Numbers inputs = new Numbers();
        Numbers actions = new Numbers();
        Numbers rewards = new Numbers();
        Numbers logProbabilities = new Numbers();
        Flags allowed = new Flags();
        List<Segment> segments = new ArrayList<>();
        for (Track track : tracks) {
            for (Segment s : track.segments) {
                segments.add(new Segment(
                        rewards.size + s.begin(), s.length(), s.time(), s.terminated(), s.truncated(), s.successor()));
            }
            inputs.add(track.inputs);
            actions.add(track.actions);
            rewards.add(track.rewards);
            logProbabilities.add(track.logProbabilities);
            allowed.add(track.allowed.values, 0, track.allowed.size);
        }
        int[] lengths = segments.stream().mapToInt(Segment::length).toArray();
        Decisions decisions =
                new Decisions(rewards.size, inputs.toArray(), actions.toArray(), allowed.toArray(), lengths);
        return new TakenSteps(decisions, rewards.toArray(), logProbabilities.toArray(), segments);
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
