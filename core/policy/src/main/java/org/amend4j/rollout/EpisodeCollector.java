/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.Policy;

/**
 * Plays N episodes, starts them together and keeps all of them: keeping the first N to end instead would be biased
 * towards short episodes. A segment is an episode, or its first steps up to a horizon. Episodes are played together, or in the task's
 * {@linkplain Task#inBatchesOf batches}.
 *
 * <p>The result is a function of the policy, the environments, the batches' size and the two seeds given; nothing is kept from one call to
 * the next, and nothing is learned unless {@link #learning} is requested. Not thread-safe.
 */
public final class EpisodeCollector implements AutoCloseable {

    private final EnvironmentPool player;
    private final int episodes;
    private final EpisodeBatch.End end;
    private final boolean learning;

    private EpisodeCollector(EnvironmentPool player, int episodes, EpisodeBatch.End end, boolean learning) {
        this.player = player;
        this.episodes = episodes;
        this.end = end;
        this.learning = learning;
    }

    private static EpisodeCollector of(Task task, int episodes, EpisodeBatch.End end) {
        Checks.atLeast(1, "number of episodes", episodes);
        EnvironmentPool player = new EnvironmentPool(task);
        player.prepare(task.batches(episodes).size());
        return new EpisodeCollector(player, episodes, end, false);
    }

    /**
     * Whole episodes.
     *
     * @param episodes N
     * @param mostSteps an episode that is longer is an error
     */
    public static EpisodeCollector whole(Task task, int episodes, int mostSteps) {
        Checks.atLeast(1, "most steps", mostSteps);
        return of(task, episodes, new EpisodeBatch.End(mostSteps, false));
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
        return of(task, episodes, new EpisodeBatch.End(horizon, true));
    }

    private static void requireWithin(int limit, int horizon) {
        if (horizon > limit) {
            throw new IllegalArgumentException("the horizon must be within the environment's time limit, " + limit
                    + " steps, got H = " + horizon + ": switch the limit off");
        }
    }

    /** The same; but after each collection, the policy's encoder learns from what was seen, batch after batch. */
    public EpisodeCollector learning() {
        return new EpisodeCollector(player, episodes, end, true);
    }

    /** Closes the environments, also those of the {@link #learning} twin. */
    @Override
    public void close() {
        player.close();
    }

    /** N. */
    public int episodes() {
        return episodes;
    }

    /**
     * Checks that a policy can play here.
     *
     * @throws IllegalArgumentException if its inputs or actions are not the environment's
     */
    public void requireFor(Policy policy) {
        player.requireFor(policy);
    }

    /** As {@link #collect(String, Policy, boolean, long, long)}, for no occasion. */
    public TakenSteps collect(Policy policy, boolean greedy, long starts, long actions) {
        return collect("episodes", policy, greedy, starts, actions);
    }

    /**
     * Plays.
     *
     * @param occasion what for, in a few words
     * @param greedy the most likely action always, instead of a drawn one
     * @param starts one seed is drawn from it per episode
     * @param actions seed of the numbers for all episodes of a batch, in turn; with several batches, one seed is drawn from it per batch
     * @return the segments in the episodes' order
     * @throws IllegalArgumentException as {@link #requireFor}
     * @throws IllegalStateException if an episode is longer than it may be, or cut off before the horizon
     * @throws ArithmeticException if an observation or a reward is not finite
     */
    public TakenSteps collect(String occasion, Policy policy, boolean greedy, long starts, long actions) {
        requireFor(policy);
        Batches batches = player.task().batches(episodes);
        List<PlayedSteps> played = player.task()
                .rollouts()
                .play(
                        occasion,
                        player,
                        policy,
                        batches.of(k -> new EpisodeBatch(
                                batches.first(k), batches.size(k), end, greedy, starts, batches.seed(actions, k))));
        TakenSteps steps = PlayedSteps.taken(policy, played);
        if (learning) {
            played.forEach(batch -> batch.teach(policy));
        }
        return steps;
    }
}
