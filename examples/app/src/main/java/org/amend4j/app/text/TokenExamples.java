/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Subset;
import org.amend4j.internal.transformer.TokenArrays;
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
    private final int[] texts;

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
        this(examples, classes, IntStream.range(0, examples.size()).toArray());
    }

    /** @param texts of each example the number of the text that it is a piece of, in ascending order */
    private TokenExamples(Source examples, int classes, int[] texts) {
        this.examples = examples;
        this.classes = classes;
        this.texts = texts;
        if (examples.size() == 0) {
            throw new BadInputException("there must be an example with tokens to learn, got none");
        }
    }

    /**
     * Pieces of texts, for a language model; pieces of one text are held back together.
     *
     * @throws BadInputException if there is none
     */
    static TokenExamples ofTexts(List<List<TokenExample>> texts) {
        int[] numbers = IntStream.range(0, texts.size())
                .flatMap(k -> texts.get(k).stream().mapToInt(piece -> k))
                .toArray();
        return new TokenExamples(Source.of(texts.stream().flatMap(List::stream).toList()), 0, numbers);
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
        return new TokenExamples(
                some, classes, Arrays.stream(those).map(k -> texts[k]).toArray());
    }

    /** Some to train on, others to test with. */
    public record Split(TokenExamples training, TokenExamples heldBack) {}

    /**
     * Holds back texts that the seed draws, with all of their pieces.
     *
     * @param part of the texts, in (0, 1); each side gets one at least
     * @throws BadInputException if there is one text alone
     */
    public Split split(double part, long seed) {
        int[] own = Arrays.stream(texts).distinct().toArray();
        return split(
                Arrays.stream(Subset.order(own.length, seed)).map(k -> own[k]).toArray(), texts, part);
    }

    /** Holds back the last examples. */
    public Split splitAtEnd(double part) {
        int[] own = IntStream.range(0, size()).toArray();
        return split(Arrays.stream(own).map(k -> size() - 1 - k).toArray(), own, part);
    }

    /** @param order of texts, the numbers of which examples have */
    private Split split(int[] order, int[] numbers, double part) {
        if (order.length < 2) {
            throw new BadInputException("at least 2 " + (size() == 1 ? "examples" : "texts")
                    + " are needed to hold some back, got 1: a smaller"
                    + " --length makes more pieces of a text, --validation 0 holds none back");
        }
        int count = Math.min(order.length - 1, Math.max(1, (int) Math.round(part * order.length)));
        Set<Integer> held = Arrays.stream(order).limit(count).boxed().collect(Collectors.toSet());
        int[] back = IntStream.range(0, size())
                .filter(k -> held.contains(numbers[k]))
                .toArray();
        int[] training = IntStream.range(0, size())
                .filter(k -> !held.contains(numbers[k]))
                .toArray();
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
