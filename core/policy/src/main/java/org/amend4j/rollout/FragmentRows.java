/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.Space;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.environment.VectorSnapshot;
import org.amend4j.environment.VectorStep;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/** Environments side by side that go on from fragment to fragment, of one batch. */
final class FragmentRows implements AutoCloseable {

    private final Settings settings;
    private final VectorEnvironment environments;
    private final EpisodeSummary.Running[] episodes;
    private Optional<RewardNormaliser> normaliser;
    private double[][] observations = {};

    /**
     * What never changes.
     *
     * @param first number of the first row
     * @param rows how many
     * @param gamma of discounted returns and of the reward normaliser
     * @param normaliseRewards whether there is one
     * @param seed of row 0
     */
    record Settings(int first, int rows, double gamma, boolean normaliseRewards, long seed) implements Serializable {}

    /**
     * Where rows stand.
     *
     * @param rows their running episodes
     * @param episodes as {@link FragmentState#episodes()}
     * @param rewards the normaliser, if there is one
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    record Position(List<VectorSnapshot.Row> rows, double[] episodes, List<RewardNormaliser.State> rewards)
            implements Serializable {}

    /**
     * What was played.
     *
     * @param ended in order of their steps, then rows
     */
    record Played(PlayedSteps steps, List<EpisodeSummary> ended) implements Serializable {}

    /**
     * To be placed by {@link #begin} or {@link #restore}.
     *
     * @param batch of so many rows, in any state; must not be used otherwise meanwhile
     */
    FragmentRows(EnvironmentBatch batch, Settings settings) {
        this.settings = settings;
        environments = new VectorEnvironment(batch, Autoreset.SAME_STEP, VectorEnvironment.LONGEST_EPISODE);
        episodes = new EpisodeSummary.Running[settings.rows];
        Arrays.setAll(episodes, row -> new EpisodeSummary.Running(settings.gamma));
        normaliser = settings.normaliseRewards
                ? Optional.of(new RewardNormaliser(settings.rows, settings.gamma))
                : Optional.empty();
    }

    /** Begins the first episodes. */
    void begin() {
        observations = environments.reset(settings.seed + settings.first);
    }

    @Override
    public void close() {
        environments.close();
    }

    Space observationSpace() {
        return environments.observationSpace();
    }

    Space actionSpace() {
        return environments.actionSpace();
    }

    Position position() {
        double[] running = new double[4 * settings.rows];
        for (int row = 0; row < settings.rows; row++) {
            System.arraycopy(episodes[row].state(), 0, running, 4 * row, 4);
        }
        return new Position(
                environments.snapshot().rows(),
                running,
                normaliser.map(RewardNormaliser::state).stream().toList());
    }

    /** @throws IllegalArgumentException if the environment does not repeat the episodes */
    void restore(Position position) {
        observations = environments.restore(
                new VectorSnapshot(observationSpace(), actionSpace(), Autoreset.SAME_STEP, position.rows));
        for (int row = 0; row < settings.rows; row++) {
            episodes[row].restore(position.episodes, 4 * row);
        }
        normaliser = position.rewards.stream().findFirst().map(RewardNormaliser::new);
    }

    /** Goes on for so many steps. */
    Played play(Policy policy, int steps, long actions) {
        PolicyCompatibility.require(policy, observationSpace(), actionSpace());
        Play play = new Play(policy, new SplitMix64(actions));
        for (int step = 0; step < steps; step++) {
            play.step(step == steps - 1);
        }
        return new Played(TrajectoryBuffer.join(play.tracks), play.ended);
    }

    /** One call's state. */
    private final class Play {

        private final Policy policy;
        private final SplitMix64 random;
        private final List<TrajectoryBuffer> tracks = new ArrayList<>();
        private final List<EpisodeSummary> ended = new ArrayList<>();
        private final int[] everyRow = new int[settings.rows];
        private final Approximator.Stepper stepper;

        Play(Policy policy, SplitMix64 random) {
            this.policy = policy;
            this.random = random;
            stepper = policy.network().stepper(settings.rows);
            for (int row = 0; row < settings.rows; row++) {
                tracks.add(new TrajectoryBuffer());
                everyRow[row] = row;
            }
        }

        void step(boolean last) {
            int size = policy.encoder().size();
            double[] inputs = new double[settings.rows * size];
            for (int row = 0; row < settings.rows; row++) {
                int step = episodes[row].length();
                PolicyCompatibility.encode(policy, observations[row], settings.first + row, step, inputs, row * size);
            }
            boolean[] allowed = environments.allowedActions();
            double[] outputs = stepper.step(inputs, everyRow, new boolean[settings.rows]);
            Policy.Chosen chosen = policy.choose(outputs, allowed, false, random);
            VectorStep result = environments.step(PolicyCompatibility.sent(actionSpace(), chosen.actions()));
            double[] learned = normaliser
                    .map(scale -> scale.normalise(result.rewards(), result.terminated()))
                    .orElse(result.rewards());
            for (int row = 0; row < settings.rows; row++) {
                tracks.get(row).add(observations[row], allowed, chosen, row, learned[row]);
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
            TrajectoryBuffer track = tracks.get(row);
            int now = episodes[row].length();
            double[] next = PolicyCompatibility.finite(result.successors()[row], settings.first + row, now);
            track.cut(now - track.open(), result.terminated()[row], result.truncated()[row], next);
            if (over) {
                ended.add(episodes[row].end());
            }
        }
    }
}
