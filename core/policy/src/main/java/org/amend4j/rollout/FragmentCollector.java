/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.Space;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.environment.VectorStep;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/**
 * Takes the next n steps of every row of a vector of environments, which continue from call to call and begin their next
 * episode in the step that ends the last one. Values are to be bootstrapped from {@link Segment#successor()}, which is the
 * true successor also where a row was reset. After each fragment, the policy's encoder learns from what was seen, if it learns. For policies without memory. Not thread-safe.
 */
public final class FragmentCollector implements AutoCloseable {

    private final VectorEnvironment environments;
    private final EpisodeSummary.Running[] episodes;
    private Optional<RewardNormaliser> normaliser;
    private double[][] observations;

    /**
     * @param rows environments side by side
     * @param gamma of {@link EpisodeSummary#discounted()} and of the reward normaliser, in [0, 1]
     * @param normaliseRewards whether the rewards of {@link TakenSteps} are divided by a running deviation; those of
     *     {@link Fragment#ended()} never are
     * @param seed of the environments
     */
    public FragmentCollector(Task task, int rows, double gamma, boolean normaliseRewards, long seed) {
        Checks.atLeast(1, "rows", rows);
        environments = new VectorEnvironment(
                task.environments().apply(rows), Autoreset.SAME_STEP, VectorEnvironment.LONGEST_EPISODE);
        episodes = new EpisodeSummary.Running[rows];
        Arrays.setAll(episodes, row -> new EpisodeSummary.Running(gamma));
        normaliser = normaliseRewards ? Optional.of(new RewardNormaliser(rows, gamma)) : Optional.empty();
        observations = reset(seed);
    }

    private double[][] reset(long seed) {
        try {
            return environments.reset(seed);
        } catch (RuntimeException e) {
            environments.close();
            throw e;
        }
    }

    /** Closes the environments. */
    @Override
    public void close() {
        environments.close();
    }

    /** Where it stands. */
    public FragmentState state() {
        double[] running = new double[4 * rows()];
        for (int row = 0; row < rows(); row++) {
            System.arraycopy(episodes[row].state(), 0, running, 4 * row, 4);
        }
        return new FragmentState(environments.snapshot(), running, normaliser.map(RewardNormaliser::state));
    }

    /**
     * Goes on where an equal collector stood; what follows is, bit for bit, what would have followed there.
     *
     * @throws IllegalArgumentException if the state is not one of an equal collector, or the environment does not repeat
     *     the episodes
     */
    public void restore(FragmentState state) {
        if (state.episodes().length != 4 * rows() || state.rewards().isPresent() != normalisesRewards()) {
            throw new IllegalArgumentException("a collector's state must be of " + rows()
                    + " rows and of the same normalisation, got " + state.episodes().length / 4 + " rows");
        }
        observations = environments.restore(state.environments());
        for (int row = 0; row < rows(); row++) {
            episodes[row].restore(state.episodes(), 4 * row);
        }
        normaliser = state.rewards().map(RewardNormaliser::new);
    }

    /** Of one row. */
    public Space observationSpace() {
        return environments.observationSpace();
    }

    /** Of one row. */
    public Space actionSpace() {
        return environments.actionSpace();
    }

    /** Whether rewards are divided by a running deviation. */
    public boolean normalisesRewards() {
        return normaliser.isPresent();
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
            throw new IllegalArgumentException(
                    "fragments of episodes need a policy without memory, got a recurrent network:"
                            + " use an algorithm of whole episodes");
        }
        Fit.require(policy, observationSpace(), actionSpace());
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
        play.seen.teach(policy);
        return new Fragment(Track.join(play.tracks), play.ended);
    }

    /** One call's state. */
    private final class Play {

        private final Policy policy;
        private final SplitMix64 random;
        private final List<Track> tracks = new ArrayList<>();
        private final Seen seen = new Seen();
        private final List<EpisodeSummary> ended = new ArrayList<>();
        private final int[] everyRow = new int[rows()];
        private final Approximator.Stepper stepper;

        Play(Policy policy, SplitMix64 random) {
            this.policy = policy;
            this.random = random;
            stepper = policy.network().stepper(rows());
            for (int row = 0; row < rows(); row++) {
                tracks.add(new Track());
                everyRow[row] = row;
            }
        }

        void step(boolean last) {
            int size = policy.encoder().size();
            double[] inputs = new double[rows() * size];
            for (int row = 0; row < rows(); row++) {
                Fit.encode(policy, observations[row], row, episodes[row].length(), inputs, row * size);
                seen.add(policy, observations[row]);
            }
            boolean[] allowed = environments.allowedActions();
            double[] outputs = stepper.step(inputs, everyRow, new boolean[rows()]);
            Policy.Chosen chosen = policy.choose(outputs, allowed, false, random);
            VectorStep result = environments.step(chosen.actions());
            double[] learned = normaliser
                    .map(scale -> scale.normalise(result.rewards(), result.terminated()))
                    .orElse(result.rewards());
            for (int row = 0; row < rows(); row++) {
                tracks.get(row).add(inputs, allowed, chosen, row, learned[row]);
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
