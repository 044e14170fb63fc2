/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.StepResult;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/**
 * Plays N episodes in parallel, starts them together and keeps all of them: keeping the first N to end instead would be biased
 * towards short episodes. Rows whose episode ended drop out of the batch. A segment is an episode, or its first steps up to a
 * horizon.
 *
 * <p>The result is a function of the policy, the environments and the two generators given; nothing is kept from one call to
 * the next, and nothing is learned unless {@link #learning} is requested. Not thread-safe.
 */
public final class EpisodeCollector implements AutoCloseable {

    private final EnvironmentBatch environments;
    private final int mostSteps;
    private final boolean cut;
    private final boolean learning;

    private EpisodeCollector(EnvironmentBatch environments, int mostSteps, boolean cut, boolean learning) {
        this.environments = environments;
        this.mostSteps = mostSteps;
        this.cut = cut;
        this.learning = learning;
    }

    /**
     * Whole episodes.
     *
     * @param episodes N
     * @param mostSteps an episode that is longer is an error
     */
    public static EpisodeCollector whole(Task task, int episodes, int mostSteps) {
        Checks.atLeast(1, "most steps", mostSteps);
        return new EpisodeCollector(environments(task, episodes), mostSteps, false, false);
    }

    /**
     * The first H steps of episodes, t = 0, ..., H - 1. A time limit that cuts an episode off before is an error: the cut
     * would be another one than asked for.
     *
     * @param episodes N
     * @param horizon H
     */
    public static EpisodeCollector cutAt(Task task, int episodes, int horizon) {
        Checks.atLeast(1, "horizon", horizon);
        task.timeLimit().ifPresent(limit -> requireWithin(limit, horizon));
        return new EpisodeCollector(environments(task, episodes), horizon, true, false);
    }

    private static EnvironmentBatch environments(Task task, int episodes) {
        return task.environments().apply(Checks.atLeast(1, "number of episodes", episodes));
    }

    private static void requireWithin(int limit, int horizon) {
        if (horizon > limit) {
            throw new IllegalArgumentException("the horizon must be within the environment's time limit, " + limit
                    + " steps, got H = " + horizon + ": switch the limit off");
        }
    }

    /** The same; but after each collection, the policy's encoder learns from what was seen. */
    public EpisodeCollector learning() {
        return new EpisodeCollector(environments, mostSteps, cut, true);
    }

    /** Closes the environments, also those of the {@link #learning} twin. */
    @Override
    public void close() {
        environments.close();
    }

    /** N. */
    public int episodes() {
        return environments.rows();
    }

    /**
     * Checks that a policy can play here.
     *
     * @throws IllegalArgumentException if its inputs or actions are not the environment's
     */
    public void requireFor(Policy policy) {
        Fit.require(policy, environments.observationSpace(), environments.actionSpace());
    }

    /**
     * Plays.
     *
     * @param greedy the most likely action always, instead of a drawn one
     * @param starts one seed is drawn per episode
     * @param actions used for all episodes, in turn
     * @return the segments in the environments' order
     * @throws IllegalArgumentException as {@link #requireFor}
     * @throws IllegalStateException if an episode is longer than it may be, or cut off before the horizon
     * @throws ArithmeticException if an observation or a reward is not finite
     */
    public TakenSteps collect(Policy policy, boolean greedy, SplitMix64 starts, SplitMix64 actions) {
        requireFor(policy);
        Play play = new Play(policy, greedy, actions);
        play.begin(starts);
        for (int step = 0; play.running.length > 0; step++) {
            play.step(step);
        }
        if (learning) {
            play.seen.teach(policy);
        }
        return Track.join(play.tracks);
    }

    /** One call's state. */
    private final class Play {

        private final Policy policy;
        private final boolean greedy;
        private final SplitMix64 random;
        private final Approximator.Stepper stepper;
        private final List<Track> tracks = new ArrayList<>();
        private final Seen seen = new Seen();
        private final double[][] observations = new double[episodes()][];
        private int[] running = new int[episodes()];

        Play(Policy policy, boolean greedy, SplitMix64 random) {
            this.policy = policy;
            this.greedy = greedy;
            this.random = random;
            stepper = policy.network().stepper(episodes());
        }

        void begin(SplitMix64 starts) {
            long[] seeds = new long[running.length];
            for (int row = 0; row < running.length; row++) {
                seeds[row] = starts.nextLong();
                running[row] = row;
                tracks.add(new Track());
            }
            System.arraycopy(environments.reset(running, seeds), 0, observations, 0, running.length);
        }

        void step(int step) {
            double[] inputs = inputs(step);
            boolean[] allowed = allowed();
            boolean[] begins = new boolean[running.length];
            Arrays.fill(begins, step == 0);
            Policy.Chosen chosen = policy.choose(stepper.step(inputs, running, begins), allowed, greedy, random);
            StepResult[] results = environments.step(running, chosen.actions());
            int still = 0;
            int[] goingOn = new int[running.length];
            for (int i = 0; i < running.length; i++) {
                int row = running[i];
                Fit.requireFinite(results[i].reward(), row, step);
                tracks.get(row).add(inputs, allowed, chosen, i, results[i].reward());
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
                Fit.encode(policy, observations[running[i]], running[i], step, inputs, i * size);
                seen.add(policy, observations[running[i]]);
            }
            return inputs;
        }

        private boolean[] allowed() {
            boolean[][] masks = new boolean[running.length][];
            Arrays.setAll(masks, i -> environments.allowedActions(running[i]));
            return Fit.masks(masks);
        }

        private boolean ends(int row, int step, StepResult result) {
            boolean last = step + 1 == mostSteps;
            if (cut && !last && result.truncated() && !result.terminated()) {
                throw new IllegalStateException("the horizon must be within the environment's time limit, got H = "
                        + mostSteps + " and an episode cut off after " + (step + 1) + " steps");
            }
            if (!cut && last && !result.ended()) {
                throw new IllegalStateException("episodes must end within " + mostSteps
                        + " steps, got a longer one (row " + row + "): give the environment a time limit");
            }
            if (!result.ended() && !last) {
                return false;
            }
            double[] successor = Fit.encode(policy, result.observation(), row, step + 1);
            tracks.get(row).cut(0, result.terminated(), result.truncated(), successor);
            return true;
        }
    }
}
