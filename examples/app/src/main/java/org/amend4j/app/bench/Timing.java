/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Times of one piece of work.
 *
 * @param milliseconds a run's in each round, at least one round
 */
record Timing(List<Double> milliseconds) {

    private static final int MOST_RUNS = 10_000;

    Timing {
        milliseconds = List.copyOf(milliseconds);
        if (milliseconds.isEmpty()) {
            throw new IllegalArgumentException("a timing must have rounds, got none");
        }
    }

    /** Warms up, then measures rounds of as many runs as make one long enough. */
    static Timing of(Workbench bench, PreparedWork work, Scale.Rounds rounds) {
        double once = bench.milliseconds(work, 1);
        double spent = once;
        while (spent < rounds.warmUp()) {
            once = bench.milliseconds(work, 1);
            spent += Math.max(once, 1e-3);
        }
        int runs = (int) Math.min(MOST_RUNS, Math.max(1, Math.ceil(rounds.each() / Math.max(once, 1e-3))));
        List<Double> times = new ArrayList<>();
        for (int round = 0; round < rounds.count(); round++) {
            times.add(bench.milliseconds(work, runs) / runs);
        }
        return new Timing(times);
    }

    double median() {
        List<Double> sorted = milliseconds.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double best() {
        return milliseconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }
}
