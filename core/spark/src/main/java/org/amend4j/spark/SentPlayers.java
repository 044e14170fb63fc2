/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Batch;
import org.amend4j.rollout.EnvironmentPool;
import org.jspecify.annotations.Nullable;

/**
 * What executors need to play: broadcast once. What they make of it (a copy of the policy and open environments for each task that runs at the
 * same time) is kept with it and closed after Spark has let the broadcast go.
 */
final class SentPlayers implements Serializable {

    private static final long serialVersionUID = 1;
    private static final Cleaner CLEANER = Cleaner.create();

    private final PolicySource policy;
    private final String facts;
    private final HashMap<String, TaskSource> tasks;
    private transient @Nullable Idle idle;

    /**
     * To be broadcast.
     *
     * @param facts {@link #facts(Policy)} that every copy must have
     * @param tasks by name
     */
    SentPlayers(PolicySource policy, String facts, Map<String, TaskSource> tasks) {
        this.policy = policy;
        this.facts = facts;
        this.tasks = new HashMap<>(tasks);
    }

    /** What copies of a policy have in common: which function it is. */
    static String facts(Policy policy) {
        return policy.network().facts().text() + ", "
                + policy.distribution().facts().text() + ", "
                + policy.encoder().facts().text();
    }

    /**
     * What a policy's numbers are at an update.
     *
     * @param theta its parameters
     * @param statistics of its encoder
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    record Numbers(double[] theta, double[] statistics) implements Serializable {}

    /** One that plays one batch at a time. */
    private record Place(EnvironmentPool player, Policy policy) {}

    /** Players that are not in use. */
    private static final class Idle implements Runnable {

        private final Map<String, Queue<Place>> places = new ConcurrentHashMap<>();

        Queue<Place> of(String task) {
            return places.computeIfAbsent(task, name -> new ConcurrentLinkedQueue<>());
        }

        @Override
        public void run() {
            places.values()
                    .forEach(queue -> queue.forEach(place -> place.player().close()));
        }
    }

    private synchronized Idle idle() {
        if (idle == null) {
            idle = new Idle();
            CLEANER.register(this, idle);
        }
        return idle;
    }

    /** Plays a batch of a task. */
    <R extends Serializable> R play(String task, Numbers numbers, Batch<R> batch) throws IOException {
        Queue<Place> waiting = idle().of(task);
        Place taken = waiting.poll();
        Place place = taken == null ? open(task) : taken;
        try {
            place.policy().setParameters(numbers.theta());
            place.policy().encoder().setStatistics(numbers.statistics());
            R result = batch.play(place.player(), place.policy());
            waiting.add(place);
            return result;
        } catch (RuntimeException | Error e) {
            place.player().close(); // one that has failed is not used again
            throw e;
        } finally {
            Reference.reachabilityFence(this); // idle ones are closed when this is gone
        }
    }

    private Place open(String task) throws IOException {
        Policy copy = policy.open();
        String found = facts(copy);
        if (!found.equals(facts)) {
            throw new IllegalArgumentException(
                    "executors must open the policy that is played, " + facts + ", got " + found);
        }
        return new Place(
                new EnvironmentPool(Objects.requireNonNull(tasks.get(task)).open()), copy);
    }
}
