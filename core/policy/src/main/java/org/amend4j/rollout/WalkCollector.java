/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.environment.Space;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.WalkBatch.End;
import org.amend4j.rollout.WalkBatch.Ends;

/**
 * Walks with a policy without memory. One walk is followed transition by transition, always in this process. Of many walks, in the task's
 * {@linkplain Task#inBatchesOf batches}, only the final states and actions are kept. Each walk has generators of its own, so that nothing
 * depends on batches. Not thread-safe.
 */
public final class WalkCollector implements AutoCloseable {

    private final EnvironmentPool player;

    /** Opens an environment. */
    public WalkCollector(Task task) {
        player = new EnvironmentPool(task);
        player.environments(1);
    }

    /**
     * The results of many walks.
     *
     * @param steps of all together
     * @param ends states and actions at the ends of walks, except for walks with an episode that ended before; none if all ended before
     */
    public record Pairs(long steps, Optional<Decisions> ends) {}

    /**
     * A walk.
     *
     * @param steps how far
     * @param starts seed of its episodes' seeds
     * @param actions seed of its actions
     */
    public record Way(int steps, long starts, long actions) implements Serializable {}

    @Override
    public void close() {
        player.close();
    }

    /** Of the environment. */
    public Space actionSpace() {
        return player.actionSpace();
    }

    /**
     * A walk in this process, to be ended before the next one begins.
     *
     * @throws IllegalArgumentException if the policy has a memory, or does not belong to the environment
     */
    public TransitionStream walk(Policy policy, SplitMix64 starts, SplitMix64 actions) {
        return new TransitionStream(player.environments(1), policy, starts, actions);
    }

    /**
     * Walks.
     *
     * @param occasion what for, in a few words
     * @throws IllegalStateException if a time limit cuts an episode off before the walk's end
     * @throws ArithmeticException if an observation or a reward is not finite
     */
    public Pairs pairs(String occasion, Policy policy, List<Way> ways) {
        Batches batches = player.task().batches(ways.size());
        List<Ends> results = player.task()
                .rollouts()
                .play(
                        occasion,
                        player,
                        policy,
                        batches.of(k -> new WalkBatch(
                                new ArrayList<>(ways.subList(batches.first(k), batches.first(k) + batches.size(k))))));
        long steps = results.stream().mapToLong(Ends::steps).sum();
        List<End> ends = results.stream().flatMap(one -> one.ends().stream()).toList();
        return new Pairs(steps, ends.isEmpty() ? Optional.empty() : Optional.of(decisions(policy, ends)));
    }

    private static Decisions decisions(Policy policy, List<End> ends) {
        int size = policy.encoder().size();
        double[] inputs = new double[ends.size() * size];
        boolean[][] masks = new boolean[ends.size()][];
        for (int i = 0; i < ends.size(); i++) {
            policy.encoder().encode(ends.get(i).observation(), inputs, i * size);
            masks[i] = ends.get(i).allowed();
        }
        double[] actions = ends.stream()
                .flatMapToDouble(end -> Arrays.stream(end.action()))
                .toArray();
        int[] lengths = new int[ends.size()];
        Arrays.fill(lengths, 1);
        return new Decisions(ends.size(), inputs, actions, PolicyCompatibility.masks(masks), lengths);
    }
}
