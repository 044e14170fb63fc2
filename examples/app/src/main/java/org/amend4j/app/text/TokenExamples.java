/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Subset;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Examples of tokens, as a transformer's graph takes them: features [examples, 2, time] of ids and masks, labels [examples, time] or,
 * of classifiers, [examples, 1]. A batch is as long as its longest example.
 */
public final class TokenExamples {

    /** What says nothing, as Hugging Face has it. */
    private static final int IGNORED = -100;

    private final List<TokenExample> examples;

    /** @throws BadInputException if there is none */
    public TokenExamples(List<TokenExample> examples) {
        this.examples = List.copyOf(examples);
        if (examples.isEmpty()) {
            throw new BadInputException("there must be an example with tokens to learn, got none");
        }
    }

    /** How many. */
    public int size() {
        return examples.size();
    }

    /** One of them. */
    public TokenExample get(int example) {
        return examples.get(example);
    }

    /** What is to be said in all of them: tokens of language models, classes of classifiers. */
    public long labels() {
        return examples.stream().mapToLong(example -> example.labels().length).sum();
    }

    /** The examples of these numbers. */
    public TokenExamples subset(int... numbers) {
        return new TokenExamples(Arrays.stream(numbers).mapToObj(examples::get).toList());
    }

    /** Some to train on, others to test with. */
    public record Split(TokenExamples training, TokenExamples heldBack) {}

    /**
     * Holds back examples that the seed draws.
     *
     * @param part in (0, 1); each side gets one at least
     * @throws BadInputException if there is one example alone
     */
    public Split split(double part, long seed) {
        return split(Subset.order(size(), seed), part);
    }

    /** Holds back the last examples. */
    public Split splitAtEnd(double part) {
        return split(IntStream.range(0, size()).map(k -> size() - 1 - k).toArray(), part);
    }

    private Split split(int[] order, double part) {
        if (size() < 2) {
            throw new BadInputException(
                    "at least 2 examples are needed to hold some back, got 1: a smaller --length makes"
                            + " more of them, --validation 0 holds none back");
        }
        int held = Math.min(size() - 1, Math.max(1, (int) Math.round(part * size())));
        int[] back = Arrays.copyOfRange(order, 0, held);
        int[] training = Arrays.copyOfRange(order, held, order.length);
        Arrays.sort(back);
        Arrays.sort(training);
        return new Split(subset(training), subset(back));
    }

    /** Some of them as a batch. */
    public DataSet batch(int... numbers) {
        int time = Arrays.stream(numbers).map(k -> get(k).length()).max().orElseThrow();
        int most = Arrays.stream(numbers).map(k -> get(k).labels().length).max().orElseThrow();
        float[] features = new float[numbers.length * 2 * time];
        float[] labels = new float[numbers.length * most];
        Arrays.fill(labels, IGNORED);
        for (int i = 0; i < numbers.length; i++) {
            TokenExample example = get(numbers[i]);
            for (int t = 0; t < example.length(); t++) {
                features[2 * i * time + t] = example.ids()[t];
                features[(2 * i + 1) * time + t] = 1;
            }
            for (int t = 0; t < example.labels().length; t++) {
                labels[i * most + t] = example.labels()[t];
            }
        }
        return new DataSet(
                Nd4j.create(features, new long[] {numbers.length, 2, time}, 'c'),
                Nd4j.create(labels, new long[] {numbers.length, most}, 'c'));
    }

    @Override
    public String toString() {
        return size() + " examples";
    }
}
