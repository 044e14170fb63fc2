package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.policy.Decisions;

/** The steps of one environment as they come, cut into segments. */
final class Track {

    private final Numbers inputs = new Numbers();
    private final Numbers actions = new Numbers();
    private final Numbers rewards = new Numbers();
    private final Numbers logProbabilities = new Numbers();
    private final Flags allowed = new Flags();
    private final List<Segment> segments = new ArrayList<>();
    private int begin;

    void add(double[] input, int row, int inputSize, double[] action, double reward, double logProbability) {
        inputs.add(input, row * inputSize, inputSize);
        actions.add(action, 0, action.length);
        rewards.add(reward);
        logProbabilities.add(logProbability);
    }

    void allow(boolean[] flags) {
        allowed.add(flags);
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
    static Steps join(List<Track> tracks) {
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
            allowed.add(track.allowed.toArray());
        }
        int[] lengths = segments.stream().mapToInt(Segment::length).toArray();
        Decisions decisions =
                new Decisions(rewards.size, inputs.toArray(), actions.toArray(), allowed.toArray(), lengths);
        return new Steps(decisions, rewards.toArray(), logProbabilities.toArray(), segments);
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

        void add(boolean[] from) {
            if (size + from.length > values.length) {
                values = Arrays.copyOf(values, Math.max(size + from.length, 2 * values.length));
            }
            System.arraycopy(from, 0, values, size, from.length);
            size += from.length;
        }

        boolean[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
