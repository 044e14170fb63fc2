/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;

/**
 * Compares a trajectory computed elsewhere with a recipe: from each of its known points the recipe's steps are made, and
 * the result is compared with the next known point.
 */
public final class Replay {

    /** A sum of squares of doubles, added up one after the other, and its root are off by less, for 2^26 parameters. */
    private static final double MARGIN = 0x1p-26;

    private final RewindToDelete run;

    /** @param run the recipe, on all records */
    public Replay(RewindToDelete run) {
        this.run = run;
    }

    /**
     * A known point and where the replay from the one before arrived.
     *
     * @param from the step of the point before
     * @param step its step
     * @param same whether they have the same bits
     * @param distance between them, rounded up; 0 if they are the same
     * @param moved how far the replay moved
     * @param ratio of what the known trajectory moved along the replay's movement: 2 if its step size was twice the recipe's
     */
    public record Comparison(int from, int step, boolean same, double distance, double moved, double ratio) {}

    /**
     * Replays from each known point to the next and compares; goes through them even if they differ.
     *
     * @param known points by step, the start at 0 and the end at T among them; only read
     * @param vault keeps the known points and, between them, those the recipe keeps
     * @param progress told of every step made
     * @return by step, all but the start
     * @throws ArithmeticException if the replay does not stay finite
     */
    public NavigableMap<Integer, Comparison> compare(
            NavigableMap<Integer, double[]> known, CheckpointVault vault, StepListener progress) throws IOException {
        int last = run.recipe().steps();
        if (known.isEmpty() || known.firstKey() < 0 || known.lastKey() != last) {
            throw new IllegalArgumentException(
                    "a replay must go from a known point to the end at " + last + ", got points at " + known.keySet());
        }
        NavigableMap<Integer, Comparison> result = new TreeMap<>();
        Map.Entry<Integer, double[]> from = known.firstEntry();
        vault.keep(from.getKey(), from.getValue());
        while (from.getKey() < last) {
            Map.Entry<Integer, double[]> to = known.higherEntry(from.getKey());
            double[] arrived = run.replay(from.getValue(), from.getKey(), to.getKey(), (step, theta) -> {
                progress.madeStep(step, last);
                if (step < to.getKey() && run.recipe().isKept(step)) {
                    vault.keep(step, theta);
                }
            });
            vault.keep(to.getKey(), to.getValue());
            result.put(to.getKey(), compare(from, to, arrived));
            from = to;
        }
        return result;
    }

    private static Comparison compare(
            Map.Entry<Integer, double[]> from, Map.Entry<Integer, double[]> to, double[] arrived) {
        double[] start = from.getValue();
        double[] end = to.getValue();
        double along = 0;
        double squares = 0;
        for (int i = 0; i < arrived.length; i++) {
            double moved = arrived[i] - start[i];
            along += moved * (end[i] - start[i]);
            squares += moved * moved;
        }
        return new Comparison(
                from.getKey(),
                to.getKey(),
                Arrays.equals(arrived, end),
                distance(arrived, end),
                Math.sqrt(squares),
                along / squares);
    }

    /** ‖a - b‖, rounded up; 0 for equal numbers. */
    public static double distance(double[] a, double[] b) {
        Checks.inRange(a.length, a.length, "the length of the other vector", b.length);
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        if (largest == 0) {
            return 0;
        }
        // scaled, so that squares of tiny differences do not vanish
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double share = (a[i] - b[i]) / largest;
            squares += share * share;
        }
        return largest * Math.sqrt(squares) * (1 + MARGIN);
    }
}
