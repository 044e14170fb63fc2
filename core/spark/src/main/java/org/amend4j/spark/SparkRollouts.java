/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Batch;
import org.amend4j.rollout.EnvironmentPool;
import org.amend4j.rollout.Rollouts;
import org.amend4j.rollout.Task;
import org.amend4j.spark.SentPlayers.Numbers;
import org.apache.spark.broadcast.Broadcast;

/**
 * Plays the numbered batches of a policy's episodes on the executors of a cluster, with the bits of one process:
 *
 * <pre>{@code
 * try (SparkRollouts cluster = SparkRollouts.of(
 *         new SparkTasks(context, 64), SentPolicy.of(saved), TaskSource.of("CartPole-v1"))) {
 *     Task task = Task.of("CartPole-v1").inBatchesOf(4).playedBy(cluster);
 *     Algorithm algorithm = config.begin(task, saved.policy(), seed);
 *     ...
 * }
 * }</pre>
 *
 * <p>The policy's network is sent once; each job sends its parameters and its encoder's statistics to every executor, and of each batch its
 * numbers and seeds, and gets the steps taken. Each is a job group, "amend4j update 12". Closing it lets go what executors keep.
 */
public final class SparkRollouts implements Rollouts, AutoCloseable {

    private final SparkTasks cluster;
    private final PolicySource source;
    private final Map<String, TaskSource> tasks;
    private Optional<Sent> sent = Optional.empty();

    /** What executors have. */
    private record Sent(String facts, Broadcast<SentPlayers> players) {}

    private SparkRollouts(SparkTasks cluster, PolicySource source, Map<String, TaskSource> tasks) {
        this.cluster = cluster;
        this.source = source;
        this.tasks = tasks;
    }

    /**
     * Sends nothing yet.
     *
     * @param policy the one that will be played
     * @param tasks those that will be played, of different names
     */
    public static SparkRollouts of(SparkTasks cluster, PolicySource policy, TaskSource... tasks) {
        Map<String, TaskSource> byName = new LinkedHashMap<>();
        for (TaskSource source : tasks) {
            try (Task task = source.open()) {
                if (byName.put(task.name(), source) != null) {
                    throw new IllegalArgumentException(
                            "tasks on a cluster must have names that differ, got '" + task.name() + "' again");
                }
            }
        }
        return new SparkRollouts(cluster, policy, byName);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the task is none of those given, executors open another policy, or have other native kernels
     */
    @Override
    public <R extends Serializable> List<R> play(
            String occasion, EnvironmentPool here, Policy policy, List<? extends Batch<R>> batches) {
        String name = here.task().name();
        if (!tasks.containsKey(name)) {
            throw new IllegalArgumentException("executors must know the task that is played, one of " + tasks.keySet()
                    + ", got '" + name + "': give SparkRollouts a TaskSource of it");
        }
        return Jobs.undisturbed(() -> played(occasion, name, policy, batches));
    }

    private <R extends Serializable> List<R> played(
            String occasion, String name, Policy policy, List<? extends Batch<R>> batches) {
        Broadcast<SentPlayers> players = players(policy);
        Broadcast<Numbers> numbers = cluster.context()
                .broadcast(new Numbers(policy.parameters(), policy.encoder().statistics()));
        try {
            String many = batches.size() + (batches.size() == 1 ? " batch of " : " batches of ");
            return cluster.run(
                    "amend4j " + occasion, many + name, List.<Batch<R>>copyOf(batches), work(name, players, numbers));
        } finally {
            numbers.destroy();
        }
    }

    /** Static, so that tasks take along what they are given and not this object. */
    private static <R extends Serializable> SparkTasks.Work<Batch<R>, R> work(
            String task, Broadcast<SentPlayers> players, Broadcast<Numbers> numbers) {
        return batch -> Broadcasts.value(players).play(task, Broadcasts.value(numbers), batch);
    }

    private Broadcast<SentPlayers> players(Policy policy) {
        String facts = SentPlayers.facts(policy);
        if (sent.isEmpty() || !sent.get().facts.equals(facts)) {
            close();
            sent = Optional.of(new Sent(facts, cluster.context().broadcast(new SentPlayers(source, facts, tasks))));
        }
        return sent.get().players;
    }

    /** Has executors let go of policies and environments; it can be used again. */
    @Override
    public void close() {
        sent.ifPresent(one -> Jobs.undisturbedly(() -> one.players.destroy()));
        sent = Optional.empty();
    }
}
