package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.amend4j.check.Checks;
import org.amend4j.environment.Environment;
import org.amend4j.environment.SplitMix64;
import org.amend4j.environment.Step;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;

/**
 * Plays N episodes side by side, started together, all of them kept: taking the first N to end instead would favour short
 * ones. Rows whose episode ended drop out of the batch. A segment is an episode, or its first steps up to a horizon.
 *
 * <p>What is collected is a function of the policy, the environments and the two generators given; nothing is kept from one
 * call to the next. For one thread.
 */
public final class EpisodeCollector {

    private final List<Environment> environments;
    private final int mostSteps;
    private final boolean cut;

    private EpisodeCollector(int episodes, Supplier<? extends Environment> environment, int mostSteps, boolean cut) {
        Checks.atLeast(1, "number of episodes", episodes);
        List<Environment> made = new ArrayList<>();
        for (int i = 0; i < episodes; i++) {
            made.add(environment.get());
        }
        this.environments = List.copyOf(made);
        this.mostSteps = mostSteps;
        this.cut = cut;
    }

    /**
     * Whole episodes.
     *
     * @param environment called once per episode; each must be another object
     * @param mostSteps an episode that is longer is an error
     */
    public static EpisodeCollector whole(int episodes, Supplier<? extends Environment> environment, int mostSteps) {
        return new EpisodeCollector(episodes, environment, Checks.atLeast(1, "most steps", mostSteps), false);
    }

    /**
     * The first H steps of episodes, t = 0, ..., H - 1. A time limit that cuts an episode off before is an error: the cut
     * would be another one than asked for.
     *
     * @param environment called once per episode; each must be another object
     * @param horizon H
     */
    public static EpisodeCollector cutAt(int horizon, int episodes, Supplier<? extends Environment> environment) {
        return new EpisodeCollector(episodes, environment, Checks.atLeast(1, "horizon", horizon), true);
    }

    /** N. */
    public int episodes() {
        return environments.size();
    }

    /**
     * Plays.
     *
     * @param greedy the most likely action always, instead of a drawn one
     * @param starts one seed is drawn per episode
     * @param actions used for all episodes, in turn
     * @return the segments in the environments' order
     * @throws IllegalArgumentException if policy and environment do not belong together
     * @throws IllegalStateException if an episode is longer than it may be, or cut off before the horizon
     * @throws ArithmeticException if an observation is not finite
     */
    public Steps collect(Policy policy, boolean greedy, SplitMix64 starts, SplitMix64 actions) {
        Environment first = environments.get(0);
        Fit.require(policy, first.observationSpace(), first.actionSpace());
        Play play = new Play(policy, greedy, actions);
        play.begin(starts);
        for (int step = 0; play.running.length > 0; step++) {
            play.step(step);
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
        private final double[][] observations = new double[environments.size()][];
        private int[] running = new int[environments.size()];

        Play(Policy policy, boolean greedy, SplitMix64 random) {
            this.policy = policy;
            this.greedy = greedy;
            this.random = random;
            stepper = policy.network().stepper(environments.size());
        }

        void begin(SplitMix64 starts) {
            for (int row = 0; row < running.length; row++) {
                observations[row] = environments.get(row).reset(starts.nextLong());
                running[row] = row;
                tracks.add(new Track());
            }
        }

        void step(int step) {
            int size = policy.encoder().size();
            double[] inputs = new double[running.length * size];
            for (int i = 0; i < running.length; i++) {
                Fit.encode(policy, observations[running[i]], running[i], step, inputs, i * size);
            }
            boolean[] begins = new boolean[running.length];
            Arrays.fill(begins, step == 0);
            double[] outputs = stepper.step(inputs, running, begins);
            int actionSize = policy.distribution().actionSize();
            double[] actions = new double[running.length * actionSize];
            double[] logProbabilities = new double[running.length];
            policy.choose(outputs, new boolean[0], greedy, random, actions, logProbabilities);
            int still = 0;
            for (int i = 0; i < running.length; i++) {
                double[] action = Arrays.copyOfRange(actions, i * actionSize, (i + 1) * actionSize);
                Step result = environments.get(running[i]).step(action);
                tracks.get(running[i]).add(inputs, i, size, action, result.reward(), logProbabilities[i]);
                if (!ends(running[i], step, result)) {
                    observations[running[i]] = result.observation();
                    running[still++] = running[i];
                }
            }
            running = Arrays.copyOf(running, still);
        }

        private boolean ends(int row, int step, Step result) {
            boolean last = step + 1 == mostSteps;
            if (cut && !last && result.truncated() && !result.terminated()) {
                throw new IllegalStateException("the horizon must be within the environment's time limit, got " + mostSteps
                        + " and an episode cut off after " + (step + 1) + " steps");
            }
            if (!cut && last && !result.ended()) {
                throw new IllegalStateException("episodes must end within " + mostSteps + " steps, got a longer one (row "
                        + row + "): give the environment a time limit");
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
