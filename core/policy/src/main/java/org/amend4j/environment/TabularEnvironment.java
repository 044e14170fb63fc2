/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Samples from a {@link FiniteMdp}. The observation is an index: of the state, or of a class of states that look alike.
 * Without a time limit.
 */
public final class TabularEnvironment implements Environment {

    private final FiniteMdp mdp;
    private final int[] observations;
    private final Space.Discrete observationSpace;
    private final Space.Discrete actionSpace;
    private final double[] start;
    private final double[][][] probabilities;
    private final boolean[][] allowed;
    private SplitMix64 random = new SplitMix64(0);
    private int state;
    private boolean running;

    /**
     * @param observations [state]: what is seen of it, at least 0
     */
    public TabularEnvironment(FiniteMdp mdp, int[] observations) {
        this(mdp, observations, new boolean[mdp.states()][0]);
    }

    /**
     * @param allowed [state][action]: the masks of {@link #allowedActions()}; a function of the observation, or a masked
     *     policy sees more than its observation
     */
    public TabularEnvironment(FiniteMdp mdp, int[] observations, boolean[][] allowed) {
        if (observations.length != mdp.states()) {
            throw new IllegalArgumentException(
                    "observations must be one per state, " + mdp.states() + ", got " + observations.length);
        }
        if (allowed.length != mdp.states()) {
            throw new IllegalArgumentException(
                    "masks must be one per state, " + mdp.states() + ", got " + allowed.length);
        }
        this.mdp = mdp;
        this.allowed = Arrays.stream(allowed).map(boolean[]::clone).toArray(boolean[][]::new);
        this.observations = observations.clone();
        int greatest = 0;
        for (int observation : this.observations) {
            greatest = Math.max(greatest, Checks.atLeast(0, "observation", observation));
        }
        observationSpace = new Space.Discrete(greatest + 1);
        actionSpace = new Space.Discrete(mdp.actions());
        start = mdp.start();
        probabilities = probabilities(mdp);
    }

    private TabularEnvironment(TabularEnvironment other) {
        mdp = other.mdp;
        observations = other.observations;
        observationSpace = other.observationSpace;
        actionSpace = other.actionSpace;
        start = other.start;
        probabilities = other.probabilities;
        allowed = other.allowed;
    }

    /** One more of the same tables, which are shared; not reset yet. */
    public TabularEnvironment another() {
        return new TabularEnvironment(this);
    }

    private static double[][][] probabilities(FiniteMdp mdp) {
        double[][][] result = new double[mdp.states()][mdp.actions()][];
        for (int state = 0; state < mdp.states(); state++) {
            for (int action = 0; action < mdp.actions(); action++) {
                List<Transition> outcomes = mdp.outcomes(state, action);
                result[state][action] =
                        outcomes.stream().mapToDouble(Transition::probability).toArray();
            }
        }
        return result;
    }

    /** The table. */
    public FiniteMdp mdp() {
        return mdp;
    }

    /** What is seen of a state. */
    public int observation(int ofState) {
        return observations[Checks.inRange(0, mdp.states() - 1, "state", ofState)];
    }

    @Override
    public boolean[] allowedActions() {
        return allowed[state].clone();
    }

    /** The current state's index. */
    public int state() {
        return state;
    }

    @Override
    public Space.Discrete observationSpace() {
        return observationSpace;
    }

    @Override
    public Space.Discrete actionSpace() {
        return actionSpace;
    }

    @Override
    public double[] reset(long seed) {
        random = new SplitMix64(seed);
        state = random.index(start);
        running = true;
        return observe();
    }

    /** As {@link #reset}, but in a given state; the seed is that of the outcomes. */
    public double[] resetTo(int first, long seed) {
        random = new SplitMix64(seed);
        state = Checks.inRange(0, mdp.states() - 1, "state", first);
        running = true;
        return observe();
    }

    @Override
    public StepResult step(double... action) {
        if (!running) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
        if (!actionSpace.contains(action)) {
            throw new IllegalArgumentException(
                    "action must be a point of " + actionSpace + ", got " + Arrays.toString(action));
        }
        int chosen = (int) action[0];
        Transition outcome = mdp.outcomes(state, chosen).get(random.index(probabilities[state][chosen]));
        state = outcome.next();
        running = !outcome.terminated();
        return new StepResult(observe(), outcome.reward(), outcome.terminated(), false);
    }

    private double[] observe() {
        return new double[] {observations[state]};
    }
}
