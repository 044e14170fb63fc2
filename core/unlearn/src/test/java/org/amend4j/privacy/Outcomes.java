/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The exact law of a random procedure, by walking through every sequence of choices it can make. Sequences less likely than a
 * limit are cut; what was cut is the only uncertainty left.
 */
final class Outcomes {

    private final Map<Object, Double> probabilities = new HashMap<>();
    private double cut;

    private Outcomes() {}

    /** @param limit sequences less likely than this are not followed */
    static Outcomes of(Function<Chance, Object> procedure, double limit) {
        return of(procedure, limit, false);
    }

    /** Takes {@link Chance#happensWithExp} as one choice of the right probability, instead of following it. */
    static Outcomes givenExponentials(Function<Chance, Object> procedure, double limit) {
        return of(procedure, limit, true);
    }

    private static Outcomes of(Function<Chance, Object> procedure, double limit, boolean exponentials) {
        Outcomes outcomes = new Outcomes();
        ArrayDeque<List<Long>> open = new ArrayDeque<>();
        open.push(List.of());
        while (!open.isEmpty()) {
            Path path = new Path(open.pop(), limit, exponentials, open);
            try {
                outcomes.probabilities.merge(procedure.apply(path), path.weight, Double::sum);
            } catch (Cut e) {
                outcomes.cut += path.weight;
            }
        }
        return outcomes;
    }

    /** Of this outcome, as far as followed: the truth is between this and this plus {@link #cut()}. */
    double probability(Object outcome) {
        return probabilities.getOrDefault(outcome, 0.0);
    }

    double cut() {
        return cut;
    }

    private static final class Cut extends RuntimeException {
        Cut() {
            super(null, null, false, false);
        }
    }

    /** Follows given choices, then the first possible ones; the others are put aside for later. */
    private static final class Path implements Chance {

        private final List<Long> given;
        private final List<Long> taken = new ArrayList<>();
        private final double limit;
        private final boolean exponentials;
        private final ArrayDeque<List<Long>> open;
        private double weight = 1;

        Path(List<Long> given, double limit, boolean exponentials, ArrayDeque<List<Long>> open) {
            this.given = given;
            this.limit = limit;
            this.exponentials = exponentials;
            this.open = open;
        }

        @Override
        public long below(long bound) {
            double[] weights = new double[(int) bound];
            Arrays.fill(weights, 1.0 / bound);
            return choose(weights);
        }

        @Override
        public boolean happens(BigInteger numerator, BigInteger denominator) {
            double p = numerator.doubleValue() / denominator.doubleValue();
            return choose(1 - p, p) == 1;
        }

        @Override
        public boolean happensWithExp(BigInteger numerator, BigInteger denominator) {
            if (!exponentials) {
                return Chance.super.happensWithExp(numerator, denominator);
            }
            double p = Math.exp(-numerator.doubleValue() / denominator.doubleValue());
            return choose(1 - p, p) == 1;
        }

        private long choose(double... weights) {
            int at = taken.size();
            if (at < given.size()) {
                taken.add(given.get(at));
                weight *= weights[given.get(at).intValue()];
                return given.get(at);
            }
            if (weight < limit) {
                throw new Cut();
            }
            long first = -1;
            for (int choice = 0; choice < weights.length; choice++) {
                if (weights[choice] > 0 && first < 0) {
                    first = choice;
                } else if (weights[choice] > 0) {
                    List<Long> other = new ArrayList<>(taken);
                    other.add((long) choice);
                    open.push(other);
                }
            }
            taken.add(first);
            weight *= weights[(int) first];
            return first;
        }
    }
}
