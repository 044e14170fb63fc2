/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Times of contenders that took turns: in round {@code i} each of them had one turn, in order. A turn is a pause, some
 * untimed steps and some timed ones, of which the mean counts. The pause lets the threads of the contender before fall
 * asleep: OpenBLAS's workers, for example, spin for some 26 ms after a product (2^26 cycles) and would steal a core
 * from the next.
 *
 * @param milliseconds one list of times per contender, all of the same length, in the contenders' order
 */
record PairedTiming(Map<String, List<Double>> milliseconds) {

    PairedTiming {
        Map<String, List<Double>> copy = new LinkedHashMap<>();
        milliseconds.forEach((name, times) -> copy.put(name, List.copyOf(times)));
        if (copy.values().stream().mapToInt(List::size).distinct().count() > 1) {
            throw new IllegalArgumentException("every contender must have one turn a round");
        }
        milliseconds = copy;
    }

    private static final int PAUSE_MILLISECONDS = 60;

    /** Steps of a turn. */
    record Turn(int untimed, int timed) {

        /** For steps that take up to some tenths of a second. */
        static final Turn USUAL = new Turn(2, 5);

        /** For longer ones. */
        static final Turn SHORT = new Turn(1, 2);
    }

    /** Runs {@code warmUp} untimed steps of each contender, then {@code rounds} rounds of turns. */
    static PairedTiming measure(List<Contender> contenders, int warmUp, int rounds) {
        return measure(contenders, warmUp, rounds, Turn.USUAL);
    }

    /** As {@link #measure(List, int, int)}, with turns of so many steps. */
    static PairedTiming measure(List<Contender> contenders, int warmUp, int rounds, Turn turn) {
        for (Contender contender : contenders) {
            contender.begin().run();
            for (int step = 0; step < warmUp; step++) {
                contender.step().run();
            }
        }
        Map<String, List<Double>> times = new LinkedHashMap<>();
        contenders.forEach(contender -> times.put(contender.name(), new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : contenders) {
                times.computeIfAbsent(contender.name(), name -> new ArrayList<>())
                        .add(take(turn, contender));
            }
        }
        return new PairedTiming(times);
    }

    private static double take(Turn turn, Contender contender) {
        Runnable step = contender.step();
        contender.begin().run();
        LockSupport.parkNanos(PAUSE_MILLISECONDS * 1_000_000L);
        for (int i = 0; i < turn.untimed(); i++) {
            step.run();
        }
        long start = System.nanoTime();
        for (int i = 0; i < turn.timed(); i++) {
            step.run();
        }
        return (System.nanoTime() - start) / 1e6 / turn.timed();
    }

    /** Median time of one contender. */
    double median(String name) {
        return median(times(name).stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Fastest time of one contender. */
    double best(String name) {
        return times(name).stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    /** Median over the rounds of the ratio of two contenders' times in the same round. */
    double medianRatio(String numerator, String denominator) {
        List<Double> above = times(numerator);
        List<Double> below = times(denominator);
        double[] ratios = new double[above.size()];
        Arrays.setAll(ratios, round -> above.get(round) / below.get(round));
        return median(ratios);
    }

    private List<Double> times(String name) {
        List<Double> times = milliseconds.get(name);
        if (times == null) {
            throw new IllegalArgumentException("no contender named " + name + ", have " + milliseconds.keySet());
        }
        return times;
    }

    static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
