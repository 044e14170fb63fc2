/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.internal.text.Shown;

/**
 * How much the examples of each class count in training. An example of a class of twice the weight is in an epoch twice as often, on
 * average over its class and up to one example of it, and those of the lightest class once: the mean of an epoch's losses is that of weighted
 * losses divided by the sum of their weights, for every loss and on every device.
 */
public sealed interface ClassWeights {

    /** What says that every class counts alike. */
    String BALANCED = "balanced";

    /** An epoch has at most so many times the examples. */
    int MOST_REPEATED = 100;

    /** Every example counts once. */
    record Alike() implements ClassWeights {
        @Override
        public double[] weights(List<String> classes, int... labels) {
            return ones(classes);
        }

        @Override
        public String words() {
            return "alike";
        }
    }

    /** Every class counts alike: its weight is in proportion to 1 / its examples, as that of scikit-learn's "balanced". */
    record Balanced() implements ClassWeights {
        @Override
        public double[] weights(List<String> classes, int... labels) {
            double[] counts = new double[classes.size()];
            Arrays.stream(labels).forEach(label -> counts[label]++);
            return Arrays.stream(counts).map(count -> 1 / Math.max(1, count)).toArray();
        }

        @Override
        public String words() {
            return BALANCED;
        }
    }

    /**
     * Weights that the user gave.
     *
     * @param weights by class, positive and finite; those of others are 1
     */
    record Named(Map<String, Double> weights) implements ClassWeights {

        public Named {
            weights = Map.copyOf(weights);
        }

        @Override
        public double[] weights(List<String> classes, int... labels) {
            double[] all = ones(classes);
            weights.forEach((name, weight) -> {
                int label = classes.indexOf(name);
                if (label < 0) {
                    throw new BadInputException("--class-weights names '" + Shown.of(name)
                            + "', which is none of the classes " + Shown.of(String.join(", ", classes)));
                }
                all[label] = weight;
            });
            return all;
        }

        @Override
        public String words() {
            return weights.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(","));
        }
    }

    /**
     * A weight a class, in any unit.
     *
     * @param labels of the examples, indices of classes
     * @throws BadInputException if a class with a weight is none of the classes
     */
    double[] weights(List<String> classes, int... labels);

    /** As it could be on a command line, its classes in alphabetical order. */
    String words();

    private static double[] ones(List<String> classes) {
        double[] ones = new double[classes.size()];
        Arrays.fill(ones, 1);
        return ones;
    }

    /**
     * Reads what is on a command line.
     *
     * @param said "balanced", or weights such as "yes=9,no=1"
     * @throws BadInputException if it is neither, or names a class twice
     */
    static ClassWeights parse(String said) {
        if (said.equals(BALANCED)) {
            return new Balanced();
        }
        Map<String, Double> weights = new LinkedHashMap<>();
        for (String part : said.split(",", -1)) {
            int at = part.lastIndexOf('=');
            double weight = at < 0 ? Double.NaN : number(part.substring(at + 1));
            if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new BadInputException("--class-weights must be balanced, or weights > 0 such as yes=9,no=1, got '"
                        + Shown.of(said) + "'");
            }
            String name = part.substring(0, at).strip();
            if (weights.put(name, weight) != null) {
                throw new BadInputException("--class-weights names '" + Shown.of(name) + "' twice");
            }
        }
        return new Named(weights);
    }

    private static double number(String word) {
        try {
            return Double.parseDouble(word.strip());
        } catch (NumberFormatException none) {
            return Double.NaN;
        }
    }

    /**
     * The examples of an epoch, by their numbers in ascending order: each at least once. Where a class counts 2.5 times, the seed draws the
     * half that is there once more.
     *
     * @param labels of the examples, indices of classes
     * @throws BadInputException if a class with a weight is none of the classes, or an epoch is more than {@value #MOST_REPEATED} times
     *     as long
     */
    default int[] epoch(List<String> classes, int[] labels, long seed) {
        double[] times = times(classes, labels);
        double all = Arrays.stream(labels).mapToDouble(label -> times[label]).sum();
        if (all > (double) MOST_REPEATED * labels.length) {
            throw new BadInputException("--class-weights makes an epoch " + Math.round(all / labels.length)
                    + " times as long: at most " + MOST_REPEATED + " times is sensible");
        }
        int[] repeated = new int[labels.length];
        for (int label = 0; label < classes.size(); label++) {
            int wanted = label;
            int[] own = IntStream.range(0, labels.length)
                    .filter(example -> labels[example] == wanted)
                    .toArray();
            int whole = (int) times[label];
            int once = (int) Math.round((times[label] - whole) * own.length);
            int[] order = Subset.order(own.length, seed + label);
            for (int k = 0; k < own.length; k++) {
                repeated[own[order[k]]] = whole + (k < once ? 1 : 0);
            }
        }
        return IntStream.range(0, labels.length)
                .flatMap(example -> IntStream.range(0, repeated[example]).map(time -> example))
                .toArray();
    }

    /** How often an example of each class is there; 1 of the lightest that has examples. */
    private double[] times(List<String> classes, int... labels) {
        double[] weights = weights(classes, labels);
        double lightest =
                Arrays.stream(labels).mapToDouble(label -> weights[label]).min().orElse(1);
        return Arrays.stream(weights).map(weight -> weight / lightest).toArray();
    }
}
