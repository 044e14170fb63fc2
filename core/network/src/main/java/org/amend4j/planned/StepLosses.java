/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;

/** The losses of the last steps' records, on the machine: nobody needs to wait for a step to know its loss later. */
final class StepLosses implements AutoCloseable {

    private static final int MOST_STEPS = 64;

    /** More are only kept if one batch has more. */
    private static final int MOST_LOSSES = 1 << 20;

    private final Machine machine;
    private final int batch;
    private final int kept;
    /** A row of one batch for each step: of step k the row k mod {@link #kept}. */
    private final MachineArray rows;

    private final int[] sizes;
    private long steps;

    StepLosses(Machine machine, ElementType type, int batch) {
        this.machine = machine;
        this.batch = batch;
        this.kept = Math.max(1, Math.min(MOST_STEPS, MOST_LOSSES / batch));
        this.rows = machine.allocate("losses of steps", type, (long) kept * batch);
        this.sizes = new int[kept];
    }

    /** How many steps are remembered. */
    int kept() {
        return kept;
    }

    /** Remembers a step's losses; waits for nothing. */
    void add(MachineArray losses) {
        int row = row(steps);
        sizes[row] = Math.toIntExact(losses.length());
        machine.copy(losses, rows.slice((long) row * batch, losses.length()));
        steps++;
    }

    /** Remembers no step any more. */
    void forget() {
        steps = 0;
    }

    private int row(long step) {
        return (int) (step % kept);
    }

    /**
     * The means of the last steps' losses, in the order of the steps; waits for the machine.
     *
     * @param last how many, in [1, {@link #kept}]
     * @throws IllegalStateException if there were not so many
     */
    double[] means(int last) {
        Checks.inRange(1, kept, "steps with losses", last);
        if (last > steps) {
            throw new IllegalStateException("there are losses of the " + steps + " steps made here, not of " + last);
        }
        int first = row(steps - last);
        boolean inOnePiece = first + last <= kept;
        int from = inOnePiece ? first : 0;
        int count = inOnePiece ? last : kept;
        double[] losses = machine.downloadDoubles(rows.slice((long) from * batch, (long) count * batch));
        double[] means = new double[last];
        for (int k = 0; k < last; k++) {
            int row = (first + k) % kept;
            means[k] = mean(losses, (row - from) * batch, sizes[row]);
        }
        return means;
    }

    private static double mean(double[] values, int from, int count) {
        double sum = 0;
        for (int k = from; k < from + count; k++) {
            sum += values[k];
        }
        return sum / count;
    }

    @Override
    public void close() {
        rows.close();
    }
}
