package org.amend4j.environment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.amend4j.check.Checks;

/**
 * Several environments of one kind stepped together, one after the other in the calling thread.
 *
 * <p>Seeds: after {@link #reset(long) reset(s)}, row i begins with reset(s + i), as in Gymnasium; its later episodes
 * begin with the draws of its own {@link SplitMix64}, seeded with the complement of s + i. So a row's episodes depend on s + i and its
 * actions, not on what other rows do.
 */
public final class VectorEnvironment {

    private final List<Environment> environments;
    private final Autoreset autoreset;
    private final SplitMix64[] seeds;
    private final boolean[] ended;
    private boolean started;

    /**
     * @param environments at least one, all with equal spaces, shared neither with each other nor with anyone else
     */
    public VectorEnvironment(List<? extends Environment> environments, Autoreset autoreset) {
        this.environments = List.copyOf(environments);
        this.autoreset = autoreset;
        int rows = Checks.atLeast(1, "number of environments", this.environments.size());
        requireEqualSpaces(this.environments);
        seeds = new SplitMix64[rows];
        Arrays.setAll(seeds, SplitMix64::new);
        ended = new boolean[rows];
    }

    /** As many environments as asked for. */
    public static VectorEnvironment of(int rows, Supplier<? extends Environment> environment, Autoreset autoreset) {
        List<Environment> environments = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            environments.add(environment.get());
        }
        return new VectorEnvironment(environments, autoreset);
    }

    private static void requireEqualSpaces(List<Environment> environments) {
        Environment first = environments.get(0);
        for (int i = 1; i < environments.size(); i++) {
            Environment other = environments.get(i);
            if (!other.observationSpace().equals(first.observationSpace())
                    || !other.actionSpace().equals(first.actionSpace())) {
                throw new IllegalArgumentException("environments must have equal spaces, got "
                        + first.observationSpace() + ", " + first.actionSpace() + " (row 0) and "
                        + other.observationSpace() + ", " + other.actionSpace() + " (row " + i + ")");
            }
            for (int j = 0; j < i; j++) {
                if (environments.get(j) == other) {
                    throw new IllegalArgumentException(
                            "environments must be different objects, got one twice (rows " + j + " and " + i + ")");
                }
            }
        }
    }

    public int rows() {
        return ended.length;
    }

    /** Of one row. */
    public Space observationSpace() {
        return environments.get(0).observationSpace();
    }

    /** Of one row. */
    public Space actionSpace() {
        return environments.get(0).actionSpace();
    }

    /** Begins an episode in every row and returns the first observations, [rows][size]. */
    public double[][] reset(long seed) {
        double[][] observations = new double[rows()][];
        for (int row = 0; row < rows(); row++) {
            seeds[row] = new SplitMix64(~(seed + row));
            observations[row] = environments.get(row).reset(seed + row);
            ended[row] = false;
        }
        started = true;
        return observations;
    }

    /**
     * Begins the next episode in the rows of the mask, under {@link Autoreset#DISABLED}.
     *
     * @param mask [rows]
     * @return [rows][size]: the first observation in the rows of the mask, empty arrays in the others
     * @throws IllegalStateException under another autoreset, or before the first {@link #reset(long)}
     */
    public double[][] reset(boolean[] mask) {
        if (autoreset != Autoreset.DISABLED) {
            throw new IllegalStateException("reset by mask needs Autoreset.DISABLED, got " + autoreset);
        }
        requireStarted();
        requireRows("flags in the mask", mask.length);
        double[][] observations = new double[rows()][];
        for (int row = 0; row < rows(); row++) {
            observations[row] = mask[row] ? nextEpisode(row) : new double[0];
        }
        return observations;
    }

    /**
     * Acts once in every row. If a row refuses its action, the rows before it have moved: reset all.
     *
     * @param actions [rows][size of an action]
     * @throws IllegalStateException before the first reset, or under {@link Autoreset#DISABLED} if a row's episode ended
     */
    public VectorStep step(double[][] actions) {
        requireStarted();
        requireRows("actions", actions.length);
        if (autoreset == Autoreset.DISABLED) {
            requireRunning();
        }
        VectorStep result = VectorStep.ofRows(rows());
        for (int row = 0; row < rows(); row++) {
            if (ended[row]) {
                result.put(row, new Step(nextEpisode(row), 0, false, false));
                result.resets()[row] = true;
            } else {
                act(row, actions[row], result);
            }
        }
        return result;
    }

    private void act(int row, double[] action, VectorStep result) {
        Step step = environments.get(row).step(action);
        result.put(row, step);
        ended[row] = step.ended();
        if (ended[row] && autoreset == Autoreset.SAME_STEP) {
            result.observations()[row] = nextEpisode(row);
        }
    }

    private double[] nextEpisode(int row) {
        ended[row] = false;
        return environments.get(row).reset(seeds[row].nextLong());
    }

    private void requireStarted() {
        if (!started) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
    }

    private void requireRows(String what, int given) {
        if (given != rows()) {
            throw new IllegalArgumentException(what + " must be one per row, " + rows() + ", got " + given);
        }
    }

    private void requireRunning() {
        for (int row = 0; row < rows(); row++) {
            if (ended[row]) {
                throw new IllegalStateException("step needs a running episode: reset first (row " + row + ")");
            }
        }
    }
}
