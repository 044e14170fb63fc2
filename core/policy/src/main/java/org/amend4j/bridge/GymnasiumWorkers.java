/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;

/**
 * Rows divided among several processes, which step them at the same time. A row's seeds and actions are what they are in one process, and so
 * is what it does.
 */
final class GymnasiumWorkers implements EnvironmentBatch {

    private final List<GymnasiumProcess> workers;

    /** First row of each worker, and the number of rows. */
    private final int[] firsts;

    private GymnasiumWorkers(List<GymnasiumProcess> workers, int[] firsts) {
        this.workers = List.copyOf(workers);
        this.firsts = firsts;
    }

    /** One process, or as many as wanted, but none without a row. */
    static EnvironmentBatch start(String id, int rows, GymnasiumOptions options) {
        int count = Math.min(rows, options.workers());
        if (count <= 1) {
            return GymnasiumProcess.start(id, rows, options);
        }
        int[] firsts = new int[count + 1];
        Arrays.setAll(firsts, worker -> (int) ((long) rows * worker / count));
        List<LineProcess> launched = new ArrayList<>();
        List<GymnasiumProcess> workers = new ArrayList<>();
        try {
            for (int worker = 0; worker < count; worker++) {
                launched.add(GymnasiumProcess.launch(id, firsts[worker + 1] - firsts[worker], options));
            }
            for (int worker = 0; worker < count; worker++) {
                workers.add(GymnasiumProcess.greeted(launched.get(worker), firsts[worker + 1] - firsts[worker]));
                requireSameSpaces(workers.get(0), workers.get(worker));
            }
        } catch (RuntimeException e) {
            LineProcess.closeAll(launched);
            throw e;
        }
        return new GymnasiumWorkers(workers, firsts);
    }

    private static void requireSameSpaces(GymnasiumProcess one, GymnasiumProcess other) {
        if (!one.observationSpace().equals(other.observationSpace())
                || !one.actionSpace().equals(other.actionSpace())) {
            throw new GymnasiumException("environments of one name must have equal spaces in all processes");
        }
    }

    @Override
    public int rows() {
        return firsts[workers.size()];
    }

    @Override
    public Space observationSpace() {
        return workers.get(0).observationSpace();
    }

    @Override
    public Space actionSpace() {
        return workers.get(0).actionSpace();
    }

    @Override
    public double[][] reset(int[] rows, long[] seeds) {
        double[][] observations = new double[rows.length][];
        together(
                rows,
                part -> part.worker.askToReset(part.rows, Arrays.copyOfRange(seeds, part.from, part.to)),
                part -> part.put(part.worker.begun(part.rows), observations));
        return observations;
    }

    @Override
    public StepResult[] step(int[] rows, double[][] actions) {
        StepResult[] steps = new StepResult[rows.length];
        together(
                rows,
                part -> part.worker.askToStep(part.rows, Arrays.copyOfRange(actions, part.from, part.to)),
                part -> part.put(part.worker.stepped(part.rows), steps));
        return steps;
    }

    /** As one process answers, which has told a mask as soon as one of its rows has. */
    @Override
    public boolean[] allowedActions(int row) {
        int worker = worker(row);
        boolean[] mask = workers.get(worker).allowedActions(row - firsts[worker]);
        if (mask.length == 0 && workers.stream().anyMatch(GymnasiumProcess::isMasked)) {
            mask = new boolean[actionSpace().flags()];
            Arrays.fill(mask, true);
        }
        return mask;
    }

    private int worker(int row) {
        int found = Arrays.binarySearch(firsts, row);
        return found >= 0 ? found : -found - 2;
    }

    /**
     * What a worker has to do with some of the chosen rows.
     *
     * @param rows as the worker counts them
     * @param from place of the first among those chosen
     * @param to behind the last
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    private record Part(GymnasiumProcess worker, int[] rows, int from, int to) {

        <T> void put(T[] own, T[] all) {
            System.arraycopy(own, 0, all, from, own.length);
        }
    }

    private interface Turn {
        void take(Part part);
    }

    private List<Part> parts(int... rows) {
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < rows.length; ) {
            int worker = worker(rows[from]);
            int first = firsts[worker];
            int to = from;
            while (to < rows.length && rows[to] < firsts[worker + 1]) {
                to++;
            }
            int[] own = Arrays.stream(rows, from, to).map(row -> row - first).toArray();
            parts.add(new Part(workers.get(worker), own, from, to));
            from = to;
        }
        return parts;
    }

    /** Asks all, then hears all that were asked, also when one fails: an answer that is not heard would be taken for the next one. */
    private void together(int[] rows, Turn asking, Turn hearing) {
        List<Part> asked = new ArrayList<>();
        List<RuntimeException> failures = new ArrayList<>();
        for (Part part : parts(rows)) {
            if (failures.isEmpty() && isDone(part, asking, failures)) {
                asked.add(part);
            }
        }
        for (Part part : asked) {
            isDone(part, hearing, failures);
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    private static boolean isDone(Part part, Turn turn, List<RuntimeException> failures) {
        try {
            turn.take(part);
            return true;
        } catch (RuntimeException failed) {
            failures.add(failed);
            return false;
        }
    }

    @Override
    public void close() {
        LineProcess.closeAll(workers.stream().map(GymnasiumProcess::process).toList());
    }
}
