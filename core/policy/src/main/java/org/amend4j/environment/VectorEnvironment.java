/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Several environments of one kind stepped together, with resets of those that ended.
 *
 * <p>Seeds: after {@link #reset(long) reset(s)}, row i begins with reset(s + i), as in Gymnasium; its later episodes
 * begin with the draws of its own {@link SplitMix64}, seeded with the complement of s + i. So a row's episodes depend on s + i and its
 * actions, not on what other rows do.
 *
 * <p>Actions are checked before any row moves. If a row then fails, or shows a reward or observation that is not finite,
 * the rows no longer stand at the same step: everything but {@link #reset(long)} and {@link #restore} is refused from then on.
 */
public final class VectorEnvironment implements AutoCloseable {

    /** The longest episode unless told otherwise, in steps. */
    public static final int LONGEST_EPISODE = 100_000;

    private final EnvironmentBatch batch;
    private final Autoreset autoreset;
    private final int longestEpisode;
    private final Space observationSpace;
    private final Space actionSpace;
    private final RunningEpisode[] episodes;
    private final int[] everyRow;
    private boolean running;

    /**
     * @param environments at least one, all with equal spaces, shared neither with each other nor with anyone else
     */
    public VectorEnvironment(List<? extends Environment> environments, Autoreset autoreset) {
        this(new SequentialBatch(environments), autoreset, LONGEST_EPISODE);
    }

    /**
     * @param batch not shared
     * @param longestEpisode in steps, at least 1: the actions of a row's running episode are kept, so that one without an
     *     end would fill the memory
     */
    public VectorEnvironment(EnvironmentBatch batch, Autoreset autoreset, int longestEpisode) {
        this.batch = batch;
        this.autoreset = autoreset;
        this.longestEpisode = Checks.atLeast(1, "longest episode", longestEpisode);
        observationSpace = batch.observationSpace();
        actionSpace = batch.actionSpace();
        episodes = new RunningEpisode[Checks.atLeast(1, "rows", batch.rows())];
        Arrays.setAll(episodes, row -> new RunningEpisode(observationSpace.size(), actionSpace.size()));
        everyRow = IntStream.range(0, episodes.length).toArray();
    }

    /** As many environments as asked for. */
    public static VectorEnvironment of(int rows, Supplier<? extends Environment> environment, Autoreset autoreset) {
        return of(rows, environment, autoreset, LONGEST_EPISODE);
    }

    /** As {@link #of(int, Supplier, Autoreset)}, with the longest episode in steps. */
    public static VectorEnvironment of(
            int rows, Supplier<? extends Environment> environment, Autoreset autoreset, int longestEpisode) {
        List<? extends Environment> environments =
                Stream.generate(environment).limit(rows).toList();
        return new VectorEnvironment(new SequentialBatch(environments), autoreset, longestEpisode);
    }

    public int rows() {
        return episodes.length;
    }

    /** Of one row. */
    public Space observationSpace() {
        return observationSpace;
    }

    /** Of one row. */
    public Space actionSpace() {
        return actionSpace;
    }

    /** Begins an episode in every row and returns the first observations, [rows][size]. */
    public double[][] reset(long seed) {
        running = false;
        long[] seeds = new long[rows()];
        for (int row = 0; row < rows(); row++) {
            seeds[row] = seed + row;
            episodes[row].seedLaterEpisodes(~(seed + row));
        }
        double[][] observations = begin(everyRow, seeds);
        running = true;
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
        requireRunning();
        requireRows("flags in the mask", mask.length);
        running = false;
        double[][] observations = new double[rows()][0];
        int[] chosen = rowsWhere(row -> mask[row]);
        double[][] firsts = beginNext(chosen);
        for (int i = 0; i < chosen.length; i++) {
            observations[chosen[i]] = firsts[i];
        }
        running = true;
        return observations;
    }

    /**
     * Acts once in every row.
     *
     * @param actions [rows][size of an action]; not looked at in rows that are reset instead
     * @throws IllegalArgumentException if an action does not fit its space; no row has moved then
     * @throws IllegalStateException before the first reset, under {@link Autoreset#DISABLED} if a row's episode ended, if
     *     an episode is longer than allowed, or if a row's reward or observation is not finite
     */
    public VectorStep step(double[][] actions) {
        requireRunning();
        requireRows("actions", actions.length);
        int[] ended = rowsWhere(row -> episodes[row].ended());
        if (autoreset == Autoreset.DISABLED && ended.length > 0) {
            throw new IllegalStateException("step needs a running episode: reset first (row " + ended[0] + ")");
        }
        int[] acting = ended.length == 0 ? everyRow : rowsWhere(row -> !episodes[row].ended());
        for (int row : acting) {
            requireAction(row, actions[row]);
        }
        running = false;
        VectorStep result = VectorStep.ofRows(rows());
        putResets(ended, result);
        putSteps(acting, actions, result);
        if (autoreset == Autoreset.SAME_STEP) {
            putFirstObservations(result);
        }
        running = true;
        return result;
    }

    private void putResets(int[] ended, VectorStep result) {
        double[][] firsts = beginNext(ended);
        for (int i = 0; i < ended.length; i++) {
            result.put(ended[i], new StepResult(firsts[i], 0, false, false));
            result.resets()[ended[i]] = true;
        }
    }

    private void putSteps(int[] acting, double[][] actions, VectorStep result) {
        if (acting.length == 0) {
            return;
        }
        StepResult[] steps = act(acting, acting == everyRow ? actions : chosen(acting, actions));
        for (int i = 0; i < acting.length; i++) {
            result.put(acting[i], steps[i]);
        }
    }

    private void putFirstObservations(VectorStep result) {
        int[] ended = rowsWhere(row -> episodes[row].ended());
        double[][] firsts = beginNext(ended);
        for (int i = 0; i < ended.length; i++) {
            result.observations()[ended[i]] = firsts[i];
        }
    }

    /**
     * {@link Environment#allowedActions()} of the rows' current states, for the next {@link #step}.
     *
     * @return [rows · number of actions]; empty if the environment has no masks
     * @throws IllegalStateException before the first reset, or if a mask has not a flag per action or allows none
     */
    public boolean[] allowedActions() {
        requireRunning();
        boolean[] first = batch.allowedActions(0);
        boolean[] masks = new boolean[rows() * first.length];
        for (int row = 0; row < rows(); row++) {
            boolean[] mask = row == 0 ? first : batch.allowedActions(row);
            if (mask.length != first.length || (mask.length > 0 && !isMask(mask))) {
                throw new IllegalStateException("allowed actions must be a flag per point of " + actionSpace
                        + " with at least one set, or empty in every state, got " + Arrays.toString(mask)
                        + place(row));
            }
            System.arraycopy(mask, 0, masks, row * first.length, first.length);
        }
        return masks;
    }

    private boolean isMask(boolean[] mask) {
        return mask.length == actionSpace.flags() && Points.allowsEach(actionSpace, mask);
    }

    /**
     * Where all rows stand, for {@link #restore}: here, or in another vector of equal environments.
     *
     * @throws IllegalStateException before the first reset, or after a failure
     */
    public VectorSnapshot snapshot() {
        requireRunning();
        List<VectorSnapshot.Row> rows =
                Arrays.stream(episodes).map(RunningEpisode::snapshot).toList();
        return new VectorSnapshot(observationSpace, actionSpace, autoreset, rows);
    }

    /**
     * Replays the episodes of a snapshot, whatever came before. What follows is, bit for bit, what would have followed
     * there.
     *
     * @return [rows][size]: what the next actions are chosen on
     * @throws IllegalArgumentException if the snapshot is of another number of rows, other spaces or another autoreset, or
     *     if its replay ends at another step, on another observation or with another sum of rewards: the environment is not
     *     the same. After a failed replay the vector must be reset
     */
    public double[][] restore(VectorSnapshot snapshot) {
        requireSameKind(snapshot);
        running = false;
        List<VectorSnapshot.Row> rows = snapshot.rows();
        begin(everyRow, rows.stream().mapToLong(VectorSnapshot.Row::seed).toArray());
        int size = actionSpace.size();
        int longest = rows.stream().mapToInt(row -> row.steps(size)).max().orElse(0);
        for (int t = 0; t < longest; t++) {
            int now = t;
            int[] acting = rowsWhere(row -> rows.get(row).steps(size) > now);
            replay(acting, rows, t);
        }
        double[][] observations = new double[rows()][];
        for (int row = 0; row < rows(); row++) {
            VectorSnapshot.Row target = rows.get(row);
            episodes[row].seedLaterEpisodes(target.generator());
            if (!episodes[row].snapshot().equals(target)) {
                throw new IllegalArgumentException("a snapshot's episodes must repeat themselves, but replayed this one"
                        + " comes to another end: the environment is not the same" + place(row));
            }
            observations[row] = target.observation();
        }
        running = true;
        return observations;
    }

    private void replay(int[] acting, List<VectorSnapshot.Row> rows, int t) {
        double[][] actions = new double[acting.length][];
        for (int i = 0; i < acting.length; i++) {
            int row = acting[i];
            if (episodes[row].ended()) {
                throw new IllegalArgumentException("a snapshot's episodes must repeat themselves, but replayed this one"
                        + " ends early: the environment is not the same" + place(row));
            }
            actions[i] = rows.get(row).action(t, actionSpace.size());
            requireAction(row, actions[i]);
        }
        act(acting, actions);
    }

    private void requireSameKind(VectorSnapshot snapshot) {
        requireRows("rows of a snapshot", snapshot.rows().size());
        if (!snapshot.observationSpace().equals(observationSpace)
                || !snapshot.actionSpace().equals(actionSpace)
                || snapshot.autoreset() != autoreset) {
            throw new IllegalArgumentException("a snapshot must be of " + observationSpace + ", " + actionSpace + ", "
                    + autoreset + ", got " + snapshot.observationSpace() + ", " + snapshot.actionSpace() + ", "
                    + snapshot.autoreset());
        }
    }

    /** Closes the environments. */
    @Override
    public void close() {
        running = false;
        batch.close();
    }

    private double[][] beginNext(int[] rows) {
        if (rows.length == 0) {
            return new double[0][];
        }
        long[] seeds = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            seeds[i] = episodes[rows[i]].nextSeed();
        }
        return begin(rows, seeds);
    }

    private double[][] begin(int[] rows, long[] seeds) {
        double[][] firsts = batch.reset(rows, seeds);
        for (int i = 0; i < rows.length; i++) {
            if (!Points.isObservation(observationSpace, firsts[i])) {
                throw new IllegalStateException(
                        Points.misfit("first observation", observationSpace, firsts[i]) + " (row " + rows[i] + ")");
            }
            episodes[rows[i]].begin(seeds[i], firsts[i]);
        }
        return firsts;
    }

    private StepResult[] act(int[] rows, double[][] actions) {
        StepResult[] steps = batch.step(rows, actions);
        for (int i = 0; i < rows.length; i++) {
            StepResult step = steps[i];
            if (!Double.isFinite(step.reward())) {
                throw new IllegalStateException("reward must be finite, got " + step.reward() + place(rows[i]));
            }
            if (!Points.isObservation(observationSpace, step.observation())) {
                throw new IllegalStateException(
                        Points.misfit("observation", observationSpace, step.observation()) + place(rows[i]));
            }
            episodes[rows[i]].add(actions[i], step);
        }
        return steps;
    }

    private void requireAction(int row, double[] action) {
        if (!Points.isAction(actionSpace, action)) {
            throw new IllegalArgumentException(Points.misfit("action", actionSpace, action) + place(row));
        }
        if (episodes[row].steps() >= longestEpisode) {
            throw new IllegalStateException("an episode must end within " + longestEpisode
                    + " steps: put a TimeLimit around the environment" + place(row));
        }
    }

    /** The step that is being taken, counted from 0 in its episode. */
    private String place(int row) {
        return " (row " + row + ", step " + episodes[row].steps() + ")";
    }

    private static double[][] chosen(int[] rows, double[][] actions) {
        double[][] result = new double[rows.length][];
        Arrays.setAll(result, i -> actions[rows[i]]);
        return result;
    }

    private int[] rowsWhere(IntPredicate condition) {
        int[] found = new int[rows()];
        int n = 0;
        for (int row = 0; row < rows(); row++) {
            if (condition.test(row)) {
                found[n++] = row;
            }
        }
        return Arrays.copyOf(found, n);
    }

    private void requireRunning() {
        if (!running) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
    }

    private void requireRows(String what, int given) {
        if (given != rows()) {
            throw new IllegalArgumentException(what + " must be one per row, " + rows() + ", got " + given);
        }
    }
}
