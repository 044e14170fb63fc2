/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import org.amend4j.random.SplitMix64;

/** A row's running episode as it can be replayed, and the generator of the seeds of its later ones. */
final class RunningEpisode {

    private static final int FIRST_CAPACITY = 64;

    private final int actionSize;
    private final double[] observation;
    private double[] actions = new double[FIRST_CAPACITY];
    private SplitMix64 seeds = new SplitMix64(0);
    private long seed;
    private int steps;
    private double rewards;
    private boolean ended;

    RunningEpisode(int observationSize, int actionSize) {
        observation = new double[observationSize];
        this.actionSize = actionSize;
    }

    /** The later seeds are this generator's; a copy is kept. */
    void seedLaterEpisodes(long state) {
        seeds = new SplitMix64(state);
    }

    long nextSeed() {
        return seeds.nextLong();
    }

    void begin(long episodeSeed, double[] first) {
        seed = episodeSeed;
        steps = 0;
        rewards = 0;
        ended = false;
        see(first);
    }

    void add(double[] action, StepResult step) {
        int at = steps * actionSize;
        if (at + actionSize > actions.length) {
            actions = Arrays.copyOf(actions, Math.max(at + actionSize, 2 * actions.length));
        }
        System.arraycopy(action, 0, actions, at, actionSize);
        steps++;
        rewards += step.reward();
        ended = step.ended();
        see(step.observation());
    }

    private void see(double[] seen) {
        System.arraycopy(seen, 0, observation, 0, observation.length);
    }

    int steps() {
        return steps;
    }

    boolean ended() {
        return ended;
    }

    VectorSnapshot.Row snapshot() {
        double[] taken = Arrays.copyOf(actions, steps * actionSize);
        return new VectorSnapshot.Row(seed, taken, ended, observation, rewards, seeds.state());
    }
}
