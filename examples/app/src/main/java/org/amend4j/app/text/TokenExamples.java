/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Subset;
import org.amend4j.transformer.TokenArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Examples of tokens, as a transformer's graph takes them: features [examples, 2, time] of ids and masks, and of pairs a third, types;
 * labels of language models [examples, time], of classifiers [examples, classes], one-hot. A batch is as long as its longest example.
 */
public final class TokenExamples {

    /** What says nothing, as Hugging Face has it. */
    static final int IGNORED = -100;

    /** Ids, masks and types. */
    private static final int FEATURES = 3;

    private final Source examples;
    private final int classes;

    /** Where examples are: kept, or made when they are asked for, always the same. */
    interface Source {

        int size();

        TokenExample get(int number);

        /** How many tokens one has. */
        int length(int number);

        /** Kept. */
        static Source of(List<TokenExample> examples) {
            List<TokenExample> kept = List.copyOf(examples);
            return new Source() {
                @Override
                public int size() {
                    return kept.size();
                }

                @Override
                public TokenExample get(int number) {
                    return kept.get(number);
                }

                @Override
                public int length(int number) {
                    return kept.get(number).length();
                }
            };
        }
    }

    /**
     * Of a language model.
     *
     * @throws BadInputException if there is none
     */
    public TokenExamples(List<TokenExample> examples) {
        this(Source.of(examples), 0);
    }

    /**
     * Of a classifier.
     *
     * @param classes how many there are; 0 for examples of a language model
     * @throws BadInputException if there is none
     */
    TokenExamples(List<TokenExample> examples, int classes) {
        this(Source.of(examples), classes);
    }

    /**
     * Examples from there.
     *
     * @param classes how many there are; 0 for examples of a language model
     * @throws BadInputException if there is none
     */
    TokenExamples(Source examples, int classes) {
        this.examples = examples;
        this.classes = classes;
        if (examples.size() == 0) {
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

    /** How many tokens one of them has. */
    int length(int example) {
        return examples.length(example);
    }

    /** What is to be said in all of them: tokens of language models, classes of classifiers. */
    public long labels() {
        return IntStream.range(0, size()).mapToLong(k -> get(k).said()).sum();
    }

    /** The examples of these numbers. */
    public TokenExamples subset(int... numbers) {
        int[] those = numbers.clone();
        Source all = examples;
        Source some = new Source() {
            @Override
            public int size() {
                return those.length;
            }

            @Override
            public TokenExample get(int number) {
                return all.get(those[number]);
            }

            @Override
            public int length(int number) {
                return all.length(those[number]);
            }
        };
        return new TokenExamples(some, classes);
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

    /**
     * Some of them as a batch.
     *
     * @throws BadInputException if they are more numbers than an array can have
     */
    public DataSet batch(int... numbers) {
        int time = Arrays.stream(numbers).map(this::length).max().orElseThrow();
        if ((long) numbers.length * time > Integer.MAX_VALUE / FEATURES
                || (long) numbers.length * classes > Integer.MAX_VALUE) {
            throw new BadInputException(numbers.length + " examples of up to " + time
                    + " tokens do not fit into one array: a smaller --length, or fewer of them, may help");
        }
        List<TokenExample> some = Arrays.stream(numbers).mapToObj(this::get).toList();
        return new DataSet(features(some), classes > 0 ? classes(some) : tokens(some, time));
    }

    private static INDArray features(List<TokenExample> some) {
        boolean typed = some.stream().anyMatch(example -> example.types().length > 0);
        return TokenArrays.of(
                DataType.FLOAT,
                some.stream().map(TokenExample::ids).toList(),
                typed ? some.stream().map(TokenExample::types).toList() : List.of());
    }

    private static INDArray tokens(List<TokenExample> some, int time) {
        float[] labels = new float[some.size() * time];
        Arrays.fill(labels, IGNORED);
        for (int i = 0; i < some.size(); i++) {
            int[] said = some.get(i).labels();
            for (int t = 0; t < said.length; t++) {
                labels[i * time + t] = said[t];
            }
        }
        return Nd4j.create(labels, new long[] {some.size(), time}, 'c');
    }

    private INDArray classes(List<TokenExample> some) {
        float[] labels = new float[some.size() * classes];
        for (int i = 0; i < some.size(); i++) {
            labels[i * classes + some.get(i).labels()[0]] = 1;
        }
        return Nd4j.create(labels, new long[] {some.size(), classes}, 'c');
    }

    /** All examples as mini-batches, the shortest examples first. */
    public List<DataSet> batches(int batch) {
        return byLength(batch).stream().map(this::batch).toList();
    }

    /** All numbers of examples, the shortest examples first, cut into batches: little of them is padding. */
    List<int[]> byLength(int batch) {
        int[] sorted = IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparing(this::length))
                .mapToInt(k -> k)
                .toArray();
        return IntStream.iterate(0, from -> from < sorted.length, from -> from + batch)
                .mapToObj(from -> Arrays.copyOfRange(sorted, from, Math.min(sorted.length, from + batch)))
                .toList();
    }

    @Override
    public String toString() {
        return size() + " examples";
    }
}
