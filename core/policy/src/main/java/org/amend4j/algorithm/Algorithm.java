/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.amend4j.identity.Facts;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Task;

/**
 * An algorithm that improves a policy, one update at a time. It changes the parameters of the given policy, which must not
 * be changed by anything else meanwhile.
 *
 * <p>An update is a function of the state before it: two algorithms with equal settings, seed and state continue
 * bit-identically.
 *
 * <p>It owns environments and closes them when it is closed; this also ends environments that are separate processes.
 *
 * <p>One of your own is a class that extends this, with an {@link AlgorithmConfig} that begins it. Whatever it keeps from one update to
 * the next it saves and loads, and every random number of an update follows from {@link #seeds} and the update's number.
 */
public abstract class Algorithm implements AutoCloseable {

    /** The policy that learns. */
    protected final Policy policy;

    /** Random numbers by purpose and number, the same in every run of this seed. */
    protected final Seeds seeds;

    private final Identity identity;
    private final Identity first;
    private long updates;
    private long steps;

    /**
     * An algorithm at its first update.
     *
     * @throws IllegalArgumentException if there is nothing to train
     */
    protected Algorithm(AlgorithmConfig config, Task task, Policy policy, long seed) {
        if (policy.dimension() < 1) {
            throw new IllegalArgumentException("a policy must have trainable parameters, got none");
        }
        this.policy = policy;
        this.seeds = new Seeds(seed);
        this.identity = Identity.of(config, task, policy, seed, Facts::text);
        this.first = Identity.of(config, task, policy, seed, Facts::first);
    }

    /** What this is a run of. */
    public final Identity identity() {
        return identity;
    }

    /**
     * Checks that a state is of such a run, or of one with other settings, whichever release wrote it.
     *
     * @param others settings that are allowed, too
     * @throws IllegalArgumentException if it is not, naming what differs
     */
    final void requireRunOf(Identity saved, List<? extends AlgorithmConfig> others) {
        boolean other = others.stream()
                .anyMatch(config -> saved.equals(identity.with(config, Facts::text))
                        || saved.equals(first.with(config, Facts::first)));
        if (!other) {
            identity.requireSame(saved, first);
        }
    }

    /** The policy that learns. */
    public final Policy policy() {
        return policy;
    }

    /** Updates so far. */
    public final long updates() {
        return updates;
    }

    /** Environment steps so far. */
    public final long steps() {
        return steps;
    }

    /**
     * What the settings do to the guarantee of a second-order stationary point, a sentence each.
     */
    public abstract List<String> effects();

    /**
     * Collects experience and learns from it.
     *
     * @throws ArithmeticException if an observation or a gradient is not finite; resume from the previous state
     */
    public final UpdateRecord update() {
        Learned learned = learn(updates);
        updates++;
        steps += learned.steps;
        return new UpdateRecord(updates, steps, learned.episodes, learned.metrics);
    }

    /**
     * Makes an update.
     *
     * @param update how many there were before; what random numbers depend on
     */
    protected abstract Learned learn(long update);

    /** What an update collects, for those who play it. */
    protected static String occasion(long update) {
        return "update " + (update + 1);
    }

    /** Everything that the next updates depend on. */
    public final TrainingState state() {
        TrainingState state = new TrainingState();
        state.putIntegers("algorithm.updates", updates);
        state.putIntegers("algorithm.steps", steps);
        state.put("policy.parameters", policy.parameters());
        state.put("policy.statistics", policy.encoder().statistics());
        save(state);
        return state;
    }

    /**
     * Goes on from another state of a run with the same {@link #identity()}.
     *
     * @throws IllegalArgumentException if it is not such a state; nothing has changed then
     */
    public final void restore(TrainingState state) {
        TrainingState before = state();
        try {
            replaceBy(state);
        } catch (RuntimeException e) {
            replaceBy(before);
            throw e;
        }
    }

    private void replaceBy(TrainingState state) {
        load(state);
        policy.setParameters(state.get("policy.parameters", policy.dimension()));
        policy.encoder().setStatistics(state.get("policy.statistics"));
        updates = state.getIntegers("algorithm.updates", 1)[0];
        steps = state.getIntegers("algorithm.steps", 1)[0];
    }

    /** Closes the environments; there are no updates afterwards. The policy stays as it is. */
    @Override
    public abstract void close();

    /** Adds what the next update depends on besides the policy, under names of its own; nothing if there is nothing. */
    protected abstract void save(TrainingState state);

    /**
     * Takes up what {@link #save} added.
     *
     * @throws IllegalArgumentException if it is not there
     */
    protected abstract void load(TrainingState state);

    /** What an update gave. */
    protected static final class Learned {

        private final long steps;
        private final List<EpisodeSummary> episodes;
        private final Map<Metric, Double> metrics = new EnumMap<>(Metric.class);

        /**
         * Without metrics so far.
         *
         * @param steps of environments
         * @param episodes that ended
         */
        public Learned(long steps, List<EpisodeSummary> episodes) {
            this.steps = steps;
            this.episodes = List.copyOf(episodes);
        }

        /** And what was measured; returns this. */
        public Learned with(Metric metric, double value) {
            metrics.put(metric, value);
            return this;
        }
    }
}
