/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.RewardNormaliser;
import org.amend4j.environment.Space;
import org.amend4j.environment.VectorSnapshot;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.FragmentRows.Position;

/**
 * Takes the next n steps of every row of a vector of environments, which continue from call to call and begin their next
 * episode in the step that ends the last one. Values are to be bootstrapped from {@link Segment#successor()}, which is the
 * true successor also where a row was reset. After each fragment, the policy's encoder learns from what was seen, if it learns. For
 * policies without memory.
 *
 * <p>Rows are played together, or in the task's {@linkplain Task#inBatchesOf batches}. Each batch of rows then draws its actions from a
 * generator of its own, and scales rewards, if these are scaled, by a deviation of its own; encoders learn batch after batch. Not
 * thread-safe.
 */
public final class FragmentCollector implements AutoCloseable {

    private final EnvironmentPool player;
    private final Batches batches;
    private final boolean normaliseRewards;
    private final List<FragmentGroup> groups;

    /**
     * @param rows environments side by side
     * @param gamma of {@link EpisodeSummary#discounted()} and of the reward normaliser, in [0, 1]
     * @param normaliseRewards whether the rewards of {@link TakenSteps} are divided by a running deviation; those of
     *     {@link RolloutSegment#ended()} never are
     * @param seed of the environments
     */
    public FragmentCollector(Task task, int rows, double gamma, boolean normaliseRewards, long seed) {
        player = new EnvironmentPool(task);
        batches = task.batches(Checks.atLeast(1, "rows", rows));
        this.normaliseRewards = normaliseRewards;
        groups = IntStream.range(0, batches.number())
                .mapToObj(k -> new FragmentGroup(
                        new FragmentRows.Settings(batches.first(k), batches.size(k), gamma, normaliseRewards, seed)))
                .toList();
        if (task.rollouts().here()) {
            openAll();
        }
    }

    private void openAll() {
        try {
            groups.forEach(group -> group.here(player.task()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Closes the environments. */
    @Override
    public void close() {
        groups.forEach(FragmentGroup::close);
        player.close();
    }

    /** Where it stands. */
    public FragmentState state() {
        List<Position> positions = groups.stream().map(this::position).toList();
        VectorSnapshot environments = new VectorSnapshot(
                observationSpace(),
                actionSpace(),
                Autoreset.SAME_STEP,
                positions.stream().flatMap(one -> one.rows().stream()).toList());
        double[] episodes = positions.stream()
                .flatMapToDouble(one -> Arrays.stream(one.episodes()))
                .toArray();
        List<RewardNormaliser.State> rewards =
                positions.stream().flatMap(one -> one.rewards().stream()).toList();
        return new FragmentState(environments, episodes, rewards);
    }

    private Position position(FragmentGroup group) {
        return group.position().stream()
                .findFirst()
                .orElseGet(() -> group.here(player.task()).position());
    }

    /**
     * Goes on where an equal collector stood; what follows is, bit for bit, what would have followed there.
     *
     * @throws IllegalArgumentException if the state is not one of an equal collector, or the environment does not repeat
     *     the episodes; if these are played elsewhere, the latter is noticed by the next {@link #collect}
     */
    public void restore(FragmentState state) {
        int normalisers = normaliseRewards ? batches.number() : 0;
        if (state.environments().rows().size() != rows()
                || state.episodes().length != 4 * rows()
                || state.rewards().size() != normalisers) {
            throw new IllegalArgumentException("a collector's state must be of " + rows()
                    + " rows and of the same normalisation, got " + state.episodes().length / 4 + " rows");
        }
        for (int k = 0; k < batches.number(); k++) {
            int from = batches.first(k);
            int to = from + batches.size(k);
            groups.get(k)
                    .restore(new Position(
                            new ArrayList<>(state.environments().rows().subList(from, to)),
                            Arrays.copyOfRange(state.episodes(), 4 * from, 4 * to),
                            normaliseRewards ? List.of(state.rewards().get(k)) : List.of()));
        }
    }

    /** Of one row. */
    public Space observationSpace() {
        return player.task().rollouts().here()
                ? groups.get(0).here(player.task()).observationSpace()
                : player.observationSpace();
    }

    /** Of one row. */
    public Space actionSpace() {
        return player.task().rollouts().here()
                ? groups.get(0).here(player.task()).actionSpace()
                : player.actionSpace();
    }

    /** Whether rewards are divided by a running deviation. */
    public boolean normalisesRewards() {
        return normaliseRewards;
    }

    /** Environments side by side. */
    public int rows() {
        return batches.count();
    }

    /** Rows of each batch, but for the last. */
    public int rowsOfBatch() {
        return batches.size();
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
        PolicyCompatibility.require(policy, observationSpace(), actionSpace());
    }

    /** As {@link #collect(String, Policy, int, long)}, for no occasion. */
    public RolloutSegment collect(Policy policy, int steps, long actions) {
        return collect("fragments", policy, steps, actions);
    }

    /**
     * Goes on.
     *
     * @param occasion what for, in a few words
     * @param steps n, of each row
     * @param actions seed of the numbers for all rows of a batch, in turn; with several batches, one seed is drawn from it per batch
     * @throws IllegalArgumentException as {@link #requireFor}
     * @throws ArithmeticException if an observation is not finite
     */
    public RolloutSegment collect(String occasion, Policy policy, int steps, long actions) {
        requireFor(policy);
        Checks.atLeast(1, "steps", steps);
        List<FragmentBatch.Result> results = player.task()
                .rollouts()
                .play(
                        occasion,
                        player,
                        policy,
                        batches.of(k -> new FragmentBatch.Here(groups.get(k), steps, batches.seed(actions, k))));
        List<PlayedSteps> played = new ArrayList<>();
        List<EpisodeSummary> ended = new ArrayList<>();
        for (int k = 0; k < results.size(); k++) {
            groups.get(k).follow(results.get(k));
            played.add(results.get(k).played().steps());
            ended.addAll(results.get(k).played().ended());
        }
        TakenSteps taken = PlayedSteps.taken(policy, played);
        played.forEach(batch -> batch.teach(policy));
        return new RolloutSegment(taken, ended);
    }
}
