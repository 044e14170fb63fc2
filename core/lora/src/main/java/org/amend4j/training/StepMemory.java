/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerKernels.Pace;
import org.amend4j.internal.backend.OptimizerKernels.Walk;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.validation.Checks;

/**
 * What steps read and leave on the machine beside parameters: the order of records, learning rates, and losses, so that one recording is every step
 * and nobody needs to wait for a step to know its loss later. What is here of counters says what the machine's are when all work is done.
 */
final class StepMemory implements AutoCloseable {

    private static final int MOST_STEPS = 64;
    /** More losses are only kept if one batch has more. */
    private static final int MOST_LOSSES = 1 << 20;
    /** Learning rates that are sent at a time. */
    private static final int RATES = 256;

    private final Machine machine;
    private final int batch;
    private final int kept;
    private final int records;
    private final Walk walk;
    private final int[] sizes;
    private final Owned owned = new Owned();
    /** Where in the order the next step's records begin, and the walk ends. */
    private int place;

    private int end;
    /** The step whose rate is the first that is there; none before the first. */
    private int firstRate;

    private int nextRate;
    private int ratesThere;
    private int row;
    /** Whether a step was prepared and is not known to have been made: the machine's counters may be anything then. */
    private boolean underWay;
    /** Steps whose losses are known. */
    private int known;

    /**
     * Memory for steps.
     *
     * @param records that an order has at most
     * @param chosen where a step's records are to be, as many as a step has at most
     */
    StepMemory(Machine machine, ElementType type, int records, MachineArray chosen) {
        this.machine = machine;
        this.records = records;
        this.batch = Math.toIntExact(chosen.length());
        this.kept = Math.max(1, Math.min(MOST_STEPS, MOST_LOSSES / batch));
        this.sizes = new int[kept];
        try {
            MachineArray counters = owned.add(machine.allocate("counters of steps", new int[Walk.COUNTERS]));
            MachineArray order = owned.add(machine.allocate("order of records", new int[records + 1 + batch]));
            MachineArray paces = owned.add(machine.allocate("learning rates", type, RATES * Pace.NUMBERS));
            MachineArray pace = owned.add(machine.allocate("learning rate", type, Pace.NUMBERS));
            MachineArray losses = owned.add(machine.allocate("losses of a batch", type, batch));
            MachineArray rows = owned.add(machine.allocate("losses of steps", type, (long) kept * batch));
            machine.fill(losses, 0);
            this.walk = new Walk(counters, order, chosen, paces, pace, losses, rows);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Where a step leaves its records' losses. */
    MachineArray losses(int count) {
        return walk.losses().slice(0, count);
    }

    /** How far a step goes. */
    MachineArray pace() {
        return walk.pace();
    }

    /** Sends an order of records; waits for the machine. */
    void order(int... places) {
        machine.upload(places, walk.order().slice(0, places.length));
        end = places.length;
        machine.upload(new int[] {end}, walk.counters().slice(Walk.COUNTERS - 1, 1));
    }

    /**
     * Sends the records of one step beside the order; waits for the machine.
     *
     * @return where they are
     */
    int once(int... chosen) {
        machine.upload(chosen, walk.order().slice(behindTheOrder(), chosen.length));
        return behindTheOrder();
    }

    /** A place that no walk ends at. */
    int behindTheOrder() {
        return records + 1;
    }

    /**
     * Has the machine's counters point to the records and rate of the next step. Waits for nothing where it goes on from the step before, or behind
     * the last of a walk with its first, and has its rate.
     *
     * @param step its number, from 1
     * @param ahead how many steps are sure to come, this one among them: rates of more are not asked for
     * @param paces of steps
     */
    void prepare(int step, int from, int ahead, IntFunction<double[]> paces) {
        if (underWay || nextRate == ratesThere || step != firstRate + nextRate) {
            ratesThere = Math.min(ahead, RATES);
            double[] next = IntStream.range(step, step + ratesThere)
                    .mapToObj(paces)
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            machine.upload(next, walk.paces().slice(0, next.length));
            firstRate = step;
            nextRate = 0;
            place = from;
            machine.upload(new int[] {place, nextRate, row, end}, walk.counters());
        } else if (place != from) {
            place = from;
            machine.upload(new int[] {place}, walk.counters().slice(0, 1));
        }
        underWay = true;
    }

    /** Begins a step on the machine; what is here of it is {@link #went}'s, since a recording is replayed. */
    void begin(int count) {
        machine.kernels().optimizer().begin(walk, count);
    }

    /** Notes that a step of so many records was begun. */
    void went(int count) {
        underWay = false;
        place = place + count == end ? 0 : place + count;
        nextRate++;
        sizes[row] = count;
        row = (row + 1) % kept;
        known = Math.min(known + 1, kept);
    }

    /** How many steps' losses are remembered. */
    int kept() {
        return kept;
    }

    /** Remembers no step any more. */
    void forget() {
        known = 0;
    }

    /**
     * The means of the last steps' losses, in the order of the steps; waits for the machine.
     *
     * @param last how many, in [1, {@link #kept}]
     * @throws IllegalStateException if there were not so many
     */
    double[] means(int last) {
        Checks.inRange(1, kept, "steps with losses", last);
        if (last > known) {
            throw new IllegalStateException("there are losses of the " + known + " steps made here, not of " + last);
        }
        int latest = (row + kept - 1) % kept;
        machine.copy(walk.losses(), walk.kept().slice((long) latest * batch, batch));
        int first = (row + kept - last) % kept;
        boolean inOnePiece = first + last <= kept;
        int from = inOnePiece ? first : 0;
        int count = inOnePiece ? last : kept;
        double[] losses = machine.downloadDoubles(walk.kept().slice((long) from * batch, (long) count * batch));
        double[] means = new double[last];
        for (int k = 0; k < last; k++) {
            int of = (first + k) % kept;
            means[k] = mean(losses, (of - from) * batch, sizes[of]);
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
        owned.close();
    }
}
