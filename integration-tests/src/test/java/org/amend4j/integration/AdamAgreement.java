/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How far the parameters of two Adam runs may differ, entry by entry, given how far their gradients did. With bias
 * corrected moments m̂ and r = √v̂ (m̂ and v̂ are weighted means of the gradients and their squares up to step s), G the
 * largest gradient so far and Δ the largest difference: m̂ differs by at most Δ, r by at most Δ (the triangle inequality
 * of a weighted norm), and the newest weight being the largest, r >= G·β2^(s/2)/√s and m̂/r &lt;= √s up to 1 %. So
 * m̂/r differs by at most (√s + s)·Δ/G, and never by more than 2√s; ε only makes both smaller. In float each update
 * rounds: 1 − β2^s is a difference of numbers near one, so relatively by u/(1 − β2^s) and some ten u more.
 */
final class AdamAgreement {

    private static final double UNIT = 0x1p-24;

    /** One entry: largest gradient, largest difference, and what the updates so far may have added up to. */
    private static final class Entry {
        private double largest;
        private double difference;
        private double allowed;
    }

    private final Map<String, Entry[]> entries = new TreeMap<>();
    private final double learningRate;
    private int steps;

    AdamAgreement(double learningRate) {
        this.learningRate = learningRate;
    }

    /** Takes in the gradients that both runs see in their next step. */
    void step(Map<String, float[]> expected, Map<String, float[]> actual) {
        steps++;
        expected.forEach((name, values) -> {
            Entry[] own = entries.computeIfAbsent(name, key -> fresh(values.length));
            float[] others = Objects.requireNonNull(actual.get(name), name);
            for (int i = 0; i < values.length; i++) {
                take(own[i], values[i], others[i]);
            }
        });
    }

    /** How many times the largest difference of two parameters is what it may be; agreement is at most 1. */
    double excess(Map<String, float[]> expected, Map<String, float[]> actual) {
        double worst = 0;
        for (Map.Entry<String, Entry[]> named : entries.entrySet()) {
            float[] values = Objects.requireNonNull(expected.get(named.getKey()));
            float[] others = Objects.requireNonNull(actual.get(named.getKey()));
            for (int i = 0; i < values.length; i++) {
                double allowed = named.getValue()[i].allowed + 2 * steps * UNIT * Math.abs(values[i]);
                double difference = Math.abs((double) values[i] - others[i]);
                worst = Math.max(worst, difference == 0 ? 0 : difference / allowed);
            }
        }
        return worst;
    }

    private void take(Entry entry, double expected, double actual) {
        entry.largest = Math.max(entry.largest, Math.abs(expected));
        entry.difference = Math.max(entry.difference, Math.abs(expected - actual));
        double root = Math.sqrt(steps);
        double relative = entry.difference == 0 ? 0 : entry.difference / entry.largest;
        double update = Math.min(2 * root, (root + steps) * relative);
        double rounding = root * (UNIT / (1 - Math.pow(UpdateRule.BETA2, steps)) + 10 * UNIT);
        entry.allowed += 1.01 * learningRate * (update + rounding);
    }

    private static Entry[] fresh(int length) {
        Entry[] entries = new Entry[length];
        for (int i = 0; i < length; i++) {
            entries[i] = new Entry();
        }
        return entries;
    }
}
