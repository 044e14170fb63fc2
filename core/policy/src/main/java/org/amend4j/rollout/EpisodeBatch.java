/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.StepResult;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/**
 * Episodes that are played in parallel. A row drops out when its episode ends.
 *
 * @param first number of the first one
 * @param count how many
 * @param end where they end
 * @param greedy the most likely action always, instead of a drawn one
 * @param starts seed from which the seeds of all episodes are drawn
 * @param actions seed of the numbers for these, in turn
 */
record EpisodeBatch(int first, int count, End end, boolean greedy, long starts, long actions)
        implements Batch<PlayedSteps> {

    /**
     * Where episodes end at the latest.
     *
     * @param steps the most
     * @param cut whether they are cut off there, instead of having to end
     */
    record End(int steps, boolean cut) implements Serializable {}

    @Override
    public PlayedSteps play(EnvironmentPool player, Policy policy) {
        player.requireFor(policy);
        Play play = new Play(player.environments(count), policy);
        play.begin();
        for (int step = 0; play.running.length > 0; step++) {
            play.step(step);
        }
        return TrajectoryBuffer.join(play.tracks);
    }

    /** One call's state. */
    private final class Play {

        private final EnvironmentBatch environments;
        private final Policy policy;
        private final SplitMix64 random = new SplitMix64(actions);
        private final Approximator.Stepper stepper;
        private final List<TrajectoryBuffer> tracks = new ArrayList<>();
        private final double[][] observations = new double[count][];
        private int[] running = new int[count];

        Play(EnvironmentBatch environments, Policy policy) {
            this.environments = environments;
            this.policy = policy;
            stepper = policy.network().stepper(count);
        }

        void begin() {
            long[] seeds = new long[count];
            for (int row = 0; row < count; row++) {
                seeds[row] = SplitMix64.draw(starts, first + row);
                running[row] = row;
                tracks.add(new TrajectoryBuffer());
            }
            System.arraycopy(environments.reset(running, seeds), 0, observations, 0, count);
        }

        void step(int step) {
            double[] inputs = inputs(step);
            boolean[] allowed = allowed();
            boolean[] begins = new boolean[running.length];
            Arrays.fill(begins, step == 0);
            Policy.Chosen chosen = policy.choose(stepper.step(inputs, running, begins), allowed, greedy, random);
            StepResult[] results =
                    environments.step(running, PolicyCompatibility.sent(environments.actionSpace(), chosen.actions()));
            int still = 0;
            int[] goingOn = new int[running.length];
            for (int i = 0; i < running.length; i++) {
                int row = running[i];
                PolicyCompatibility.requireFinite(results[i].reward(), first + row, step);
                tracks.get(row).add(observations[row], allowed, chosen, i, results[i].reward());
                if (!ends(row, step, results[i])) {
                    observations[row] = results[i].observation();
                    goingOn[still++] = row;
                }
            }
            running = Arrays.copyOf(goingOn, still);
        }

        private double[] inputs(int step) {
            int size = policy.encoder().size();
            double[] inputs = new double[running.length * size];
            for (int i = 0; i < running.length; i++) {
                PolicyCompatibility.encode(
                        policy, observations[running[i]], first + running[i], step, inputs, i * size);
            }
            return inputs;
        }

        private boolean[] allowed() {
            boolean[][] masks = new boolean[running.length][];
            Arrays.setAll(masks, i -> environments.allowedActions(running[i]));
            return PolicyCompatibility.masks(masks);
        }

        private boolean ends(int row, int step, StepResult result) {
            boolean last = step + 1 == end.steps;
            if (end.cut && !last && result.truncated() && !result.terminated()) {
                throw new IllegalStateException("the horizon must be within the environment's time limit, got H = "
                        + end.steps + " and an episode cut off after " + (step + 1) + " steps");
            }
            if (!end.cut && last && !result.ended()) {
                throw new IllegalStateException("episodes must end within " + end.steps
                        + " steps, got a longer one (row " + (first + row) + "): give the environment a time limit");
            }
            if (!result.ended() && !last) {
                return false;
            }
            double[] next = PolicyCompatibility.finite(result.observation(), first + row, step + 1);
            tracks.get(row).cut(0, result.terminated(), result.truncated(), next);
            return true;
        }
    }
}
