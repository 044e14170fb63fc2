/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.amend4j.internal.transformer.TokenArrays;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.text.Encoding;
import org.amend4j.text.Tokenizer;
import org.amend4j.text.Truncation;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Vectors of texts.
 *
 * @param graph of an encoder, which puts out a row for each example
 * @param tokenizer neither fills nor, for more tokens than the graph has positions, leaves the rest
 * @param normalised whether vectors are divided by their lengths
 */
public record SentenceEncoder(ComputationGraph graph, Tokenizer tokenizer, boolean normalised) {

    private static final int BATCH = 32;

    /**
     * An encoder.
     *
     * @param longest most tokens of a text; the rest is cut off
     */
    public static SentenceEncoder of(ComputationGraph graph, Tokenizer tokenizer, int longest, boolean normalised) {
        return new SentenceEncoder(
                graph, tokenizer.withoutPadding().withTruncation(new Truncation(longest)), normalised);
    }

    /**
     * The vector of each text, in their order. Texts of about one length are computed together: only the last bits of a vector can
     * depend on the others.
     *
     * @param done is told how many more there are after each batch
     * @throws IllegalArgumentException if a text has no token
     */
    public List<float[]> encode(List<String> texts, IntConsumer done) {
        List<Encoding> encodings = texts.stream().map(tokenizer::encode).toList();
        for (int k = 0; k < texts.size(); k++) {
            if (encodings.get(k).ids().length == 0) {
                throw new IllegalArgumentException("text " + (k + 1) + " has no token");
            }
        }
        List<Integer> order = IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparing(k -> encodings.get(k).ids().length))
                .toList();
        // of one length for all: a plan is made for a shape, and leaves padding out
        int longest = encodings.get(order.get(order.size() - 1)).ids().length;
        HostPrefix prefix = HostPrefix.of(graph, graph.getConfiguration().getNetworkOutputs());
        float[][] vectors = new float[texts.size()][];
        for (int from = 0; from < order.size(); from += BATCH) {
            List<Integer> some = order.subList(from, Math.min(order.size(), from + BATCH));
            INDArray rows = prefix.run(TokenArrays.of(
                    DataType.FLOAT,
                    some.stream().map(k -> encodings.get(k).ids()).toList(),
                    List.of(),
                    longest))[0];
            for (int k = 0; k < some.size(); k++) {
                vectors[some.get(k)] = vector(rows.getRow(k).dup().toFloatVector());
            }
            done.accept(some.size());
        }
        return new ArrayList<>(List.of(vectors));
    }

    private float[] vector(float... row) {
        double squares = 0;
        for (float value : row) {
            squares += (double) value * value;
        }
        double length = normalised && squares > 0 ? Math.sqrt(squares) : 1;
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) (row[i] / length);
        }
        return row;
    }
}
