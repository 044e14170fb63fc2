/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.Operation.TokenEmbedding;
import org.amend4j.internal.network.Operation.TokenTable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The tokens of a data set's examples without their padding, checked against the tables that they are rows of. */
public final class TokenReader {

    private static final int ID = 0;
    private static final int MASK = 1;
    private static final int TYPE = 2;

    private final Network network;
    private final double[] features;
    private final Map<Integer, double[]> labels = new HashMap<>();
    private final int perToken;
    private final int time;
    private final int first;

    private TokenReader(Network network, int first, INDArray features, INDArray... labels) {
        this.network = network;
        this.first = first;
        this.features = numbers(features);
        this.perToken = Math.toIntExact(features.size(1));
        this.time = Math.toIntExact(features.size(2));
        for (int k = 0; k < labels.length; k++) {
            if (network.tokenLoss(k).isPresent()) {
                this.labels.put(k, labels(k, features, labels[k]));
            }
        }
    }

    private static double[] numbers(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }

    private double[] labels(int output, INDArray tokens, INDArray given) {
        if (given.rank() != 2 || given.size(0) != tokens.size(0) || given.size(1) != time) {
            throw new IllegalArgumentException("labels " + output + " must be token numbers [" + tokens.size(0) + ", "
                    + time + "], got " + Arrays.toString(given.shape()));
        }
        return numbers(given);
    }

    /**
     * Reads a data set.
     *
     * @param first the first example's number, where something is wrong
     * @param features of the input that is made of tokens, [examples, 1 to 3, time]
     * @param labels of all outputs; none for a network that is only used
     * @throws IllegalArgumentException if an example has no token or more than there are positions, or a number is no row of its table, no
     *     mask or no label
     */
    public static List<TokenSequence> read(Network network, int first, INDArray features, INDArray... labels) {
        TokenReader reader = new TokenReader(network, first, features, labels);
        List<TokenSequence> examples = new ArrayList<>();
        for (int example = 0; example < features.size(0); example++) {
            examples.add(reader.example(example));
        }
        return examples;
    }

    private TokenSequence example(int example) {
        int[] steps = TokenMask.kept(first + example, time, step -> perToken > MASK ? feature(example, MASK, step) : 1);
        int[] ids = new int[steps.length];
        int[] types = new int[steps.length];
        for (TokenEmbedding embedding : network.tokenEmbeddings()) {
            requirePositions(embedding.positions(), steps.length, first + example);
            ids = values(example, steps, ID, embedding.words().rows(), "a token id");
            Optional<Integer> most = embedding.types().map(TokenTable::rows);
            if (most.isPresent() && perToken > TYPE) {
                types = values(example, steps, TYPE, most.get(), "a token type");
            }
        }
        Map<Integer, int[]> ofTokens = new HashMap<>();
        labels.forEach((output, numbers) -> ofTokens.put(output, labels(example, steps, output, numbers)));
        return new TokenSequence(ids, types, ofTokens);
    }

    private double feature(int example, int feature, int step) {
        return features[(example * perToken + feature) * time + step];
    }

    private String at(int example, int step) {
        return String.format(Locale.ROOT, " in example %d, step %d", first + example, step);
    }

    private static void requirePositions(Optional<TokenTable> positions, int tokens, int example) {
        positions.filter(table -> table.rows() < tokens).ifPresent(table -> {
            throw new IllegalArgumentException("there are " + table.rows() + " positions, got " + tokens
                    + " tokens in example " + example + ": cut it");
        });
    }

    private int[] values(int example, int[] steps, int feature, int below, String what) {
        int[] values = new int[steps.length];
        for (int k = 0; k < steps.length; k++) {
            double value = feature(example, feature, steps[k]);
            values[k] = (int) value;
            if (values[k] != value || value < 0 || value >= below) {
                throw new IllegalArgumentException(
                        what + " must be a whole number in [0, " + below + "), got " + value + at(example, steps[k]));
            }
        }
        return values;
    }

    private int[] labels(int example, int[] steps, int output, double... numbers) {
        int below = network.tokenLoss(output).orElseThrow().vocabulary();
        int[] result = new int[steps.length];
        int next = 0;
        for (int step = 0; step < time; step++) {
            double label = numbers[example * time + step];
            boolean counts = next < steps.length && steps[next] == step;
            if (label >= 0 && (!counts || label != Math.rint(label) || label >= below)) {
                throw new IllegalArgumentException("a label must be a token in [0, " + below
                        + ") or negative, and negative where the mask is 0, got " + label + at(example, step));
            }
            if (counts) {
                result[next++] = label >= 0 ? (int) label : -1;
            }
        }
        return result;
    }
}
