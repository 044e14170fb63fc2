/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;

/**
 * Steps as they were played, environment after environment, with observations as the environments gave them: these are smaller than what
 * encoders make of them, and encoders learn from them.
 *
 * @param size numbers of an observation
 * @param lengths steps of each environment
 * @param observations [steps · size]
 * @param actions [steps · size of an action]
 * @param allowed [steps · number of actions], or empty
 * @param rewards [steps]
 * @param logProbabilities [steps]
 * @param cuts where segments end, in order
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
record PlayedSteps(
        int size,
        int[] lengths,
        double[] observations,
        double[] actions,
        boolean[] allowed,
        double[] rewards,
        double[] logProbabilities,
        List<Cut> cuts)
        implements Serializable {

    /**
     * A segment's end.
     *
     * @param length of the segment
     * @param time of its first step
     * @param next observation after the last step
     */
    record Cut(int length, int time, boolean terminated, boolean truncated, double[] next) implements Serializable {}

    /** Steps as the policy that played them, with statistics as they were, sees them; batch after batch. */
    static TakenSteps taken(Policy policy, List<PlayedSteps> batches) {
        int rows = batches.stream().mapToInt(batch -> batch.rewards.length).sum();
        Rows inputs = new Rows(rows * policy.encoder().size());
        Rows actions = new Rows(rows * policy.distribution().actionSize());
        Rows rewards = new Rows(rows);
        Rows logProbabilities = new Rows(rows);
        boolean[] allowed = allowed(batches);
        List<Segment> segments = new ArrayList<>();
        int begin = 0;
        for (PlayedSteps batch : batches) {
            inputs.add(batch.encoded(policy));
            actions.add(batch.actions);
            rewards.add(batch.rewards);
            logProbabilities.add(batch.logProbabilities);
            for (Cut cut : batch.cuts) {
                double[] successor = encoded(policy, cut.next);
                segments.add(new Segment(begin, cut.length, cut.time, cut.terminated, cut.truncated, successor));
                begin += cut.length;
            }
        }
        int[] lengths = segments.stream().mapToInt(Segment::length).toArray();
        Decisions decisions = new Decisions(rows, inputs.all, actions.all, allowed, lengths);
        return new TakenSteps(decisions, rewards.all, logProbabilities.all, segments);
    }

    private static boolean[] allowed(List<PlayedSteps> batches) {
        boolean[] all = new boolean
                [batches.stream().mapToInt(batch -> batch.allowed.length).sum()];
        int at = 0;
        for (PlayedSteps batch : batches) {
            System.arraycopy(batch.allowed, 0, all, at, batch.allowed.length);
            at += batch.allowed.length;
        }
        return all;
    }

    private double[] encoded(Policy policy) {
        int inputs = policy.encoder().size();
        double[] all = new double[rewards.length * inputs];
        double[] observation = new double[size];
        for (int row = 0; row < rewards.length; row++) {
            System.arraycopy(observations, row * size, observation, 0, size);
            policy.encoder().encode(observation, all, row * inputs);
        }
        return all;
    }

    private static double[] encoded(Policy policy, double[] observation) {
        double[] inputs = new double[policy.encoder().size()];
        policy.encoder().encode(observation, inputs, 0);
        return inputs;
    }

    /** Lets the policy's encoder learn from what was seen, if it learns: step after step, of all environments that made it. */
    void teach(Policy policy) {
        if (!policy.encoder().learns()) {
            return;
        }
        double[] seen = new double[observations.length];
        int at = 0;
        for (int step = 0; at < seen.length; step++) {
            int begin = 0;
            for (int length : lengths) {
                if (step < length) {
                    System.arraycopy(observations, (begin + step) * size, seen, at, size);
                    at += size;
                }
                begin += length;
            }
        }
        policy.encoder().learn(seen);
    }

    /** Numbers one after the other. */
    private static final class Rows {

        private final double[] all;
        private int at;

        Rows(int size) {
            all = new double[size];
        }

        void add(double[] some) {
            System.arraycopy(some, 0, all, at, some.length);
            at += some.length;
        }
    }
}
