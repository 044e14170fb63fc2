/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.internal.text.Shown;

/**
 * How much the examples of each class count in training. An example of a class of twice the weight is in an epoch twice as often: so the
 * mean gradient over an epoch is that of weights in the loss, for every loss and on every device. Examples of the lightest class are there
 * once.
 */
public sealed interface ClassWeights {

    /** An epoch has at most so many times the examples. */
    int MOST_REPEATED = 100;

    /** Every example counts once. */
    record Alike() implements ClassWeights {}

    /** Every class counts alike: its weight is n / (classes · its examples), as scikit-learn has it. */
    record Balanced() implements ClassWeights {}

    /**
     * As somebody said.
     *
     * @param weights by class, positive and finite; those of others are 1
     */
    record Named(Map<String, Double> weights) implements ClassWeights {

        public Named {
            weights = Map.copyOf(weights);
        }
    }

    /**
     * Reads what is on a command line.
     *
     * @param said "balanced", or weights such as "yes=9,no=1"
     * @throws BadInputException if it is neither
     */
    static ClassWeights parse(String said) {
        if ("balanced".equals(said)) {
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
            weights.put(part.substring(0, at).strip(), weight);
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

    private double[] weights(List<String> classes, int... labels) {
        double[] weights = new double[classes.size()];
        Arrays.fill(weights, 1);
        if (this instanceof Balanced) {
            int[] counts = new int[classes.size()];
            Arrays.stream(labels).forEach(label -> counts[label]++);
            Arrays.setAll(weights, label -> 1.0 / Math.max(1, counts[label]));
        } else if (this instanceof Named named) {
            named.weights().forEach((name, weight) -> {
                int label = classes.indexOf(name);
                if (label < 0) {
                    throw new BadInputException("--class-weights names '" + Shown.of(name)
                            + "', which is none of the classes " + Shown.of(String.join(", ", classes)));
                }
                weights[label] = weight;
            });
        }
        return weights;
    }

    /** As it could be on a command line, its classes in alphabetical order. */
    default String words() {
        if (this instanceof Named named) {
            return named.weights().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(","));
        }
        return this instanceof Balanced ? "balanced" : "alike";
    }
}
