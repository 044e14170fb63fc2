package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.amend4j.check.Checks;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.Environment;
import org.amend4j.environment.SplitMix64;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.environment.VectorStep;
import org.amend4j.policy.Policy;

/**
 * Takes the next n steps of every row of a vector of environments, which go on from call to call and begin their next
 * episode in the step that ended the last one. Values are to be bootstrapped from {@link Segment#successor()}, which is the
 * true successor also where a row was reset. For policies without memory, and for one thread.
 */
public final class FragmentCollector {

    private final VectorEnvironment environments;
    private final double gamma;
    private final Episode.Running[] episodes;
    private double[][] observations;

    /**
     * @param environment called {@code rows} times; each must be another object
     * @param gamma of {@link Episode#discounted()}, in [0, 1]
     * @param seed of the environments
     */
    public FragmentCollector(int rows, Supplier<? extends Environment> environment, double gamma, long seed) {
        environments = VectorEnvironment.of(rows, environment, Autoreset.SAME_STEP);
        this.gamma = Checks.notNegative("gamma", gamma);
        episodes = new Episode.Running[rows];
        Arrays.setAll(episodes, row -> new Episode.Running(gamma));
        observations = environments.reset(seed);
    }

    /** Environments side by side. */
    public int rows() {
        return episodes.length;
    }

    /**
     * Checks that a policy can be used here.
     *
     * @throws IllegalArgumentException if it has a memory, or does not belong to the environments
     */
    public void requireFor(Policy policy) {
        if (policy.network().recurrent()) {
            throw new IllegalArgumentException("fragments of episodes need a policy without memory, got a recurrent network:"
                    + " use an algorithm of whole episodes");
        }
        Fit.require(policy, environments.observationSpace(), environments.actionSpace());
    }

    /**
     * Goes on.
     *
     * @param steps n, of each row
     * @param actions used for all rows, in turn
     * @throws IllegalArgumentException as {@link #requireFor}
     * @throws ArithmeticException if an observation is not finite
     */
    public Fragment collect(Policy policy, int steps, SplitMix64 actions) {
        requireFor(policy);
        Play play = new Play(policy, actions);
        for (int step = 0; step < Checks.atLeast(1, "steps", steps); step++) {
            play.step(step == steps - 1);
        }
        return new Fragment(Track.join(play.tracks), play.ended);
    }

    /** One call's state. */
    private final class Play {

        private final Policy policy;
        private final SplitMix64 random;
        private final List<Track> tracks = new ArrayList<>();
        private final List<Episode> ended = new ArrayList<>();
        private final int[] sequences = new int[rows()];
        private final org.amend4j.policy.Approximator.Stepper stepper;

        Play(Policy policy, SplitMix64 random) {
            this.policy = policy;
            this.random = random;
            stepper = policy.network().stepper(rows());
            for (int row = 0; row < rows(); row++) {
                tracks.add(new Track());
                sequences[row] = row;
            }
        }

        void step(boolean last) {
            int size = policy.encoder().size();
            double[] inputs = new double[rows() * size];
            for (int row = 0; row < rows(); row++) {
                Fit.encode(policy, observations[row], row, episodes[row].length(), inputs, row * size);
            }
            double[] outputs = stepper.step(inputs, sequences, new boolean[rows()]);
            int actionSize = policy.distribution().actionSize();
            double[] actions = new double[rows() * actionSize];
            double[] logProbabilities = new double[rows()];
            policy.choose(outputs, new boolean[0], false, random, actions, logProbabilities);
            double[][] split = new double[rows()][];
            Arrays.setAll(split, row -> Arrays.copyOfRange(actions, row * actionSize, (row + 1) * actionSize));
            VectorStep result = environments.step(split);
            for (int row = 0; row < rows(); row++) {
                tracks.get(row).add(inputs, row, size, split[row], result.rewards()[row], logProbabilities[row]);
                episodes[row].add(result.rewards()[row]);
                end(row, last, result);
            }
            observations = result.observations();
        }

        private void end(int row, boolean last, VectorStep result) {
            boolean over = result.terminated()[row] || result.truncated()[row];
            if (!over && !last) {
                return;
            }
            Track track = tracks.get(row);
            int now = episodes[row].length();
            double[] successor = Fit.encode(policy, result.successors()[row], row, now);
            track.cut(now - track.open(), result.terminated()[row], result.truncated()[row], successor);
            if (over) {
                ended.add(episodes[row].end());
            }
        }
    }
}
