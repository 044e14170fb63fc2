/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.amend4j.app.compute.Examples;
import org.amend4j.data.Batches;
import org.amend4j.data.Subset;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Batches of examples of about one length, so that little of them is padding: examples are shuffled, those of some batches sorted by
 * length and cut, and these batches shuffled. What an epoch has follows from the seed and the epoch's number alone.
 */
public final class TokenBatches implements DataSetIterator {

    private static final long serialVersionUID = 1L;

    /** How many batches' examples are sorted together. */
    private static final int TOGETHER = 32;

    private final transient TokenExamples examples;
    private final transient IntFunction<int[]> ofEpoch;
    private final int size;
    private final long seed;
    private int epoch;
    private transient List<int[]> batches;
    private int cursor;
    private transient @Nullable DataSetPreProcessor preProcessor;

    /**
     * Batches of an epoch after the other, which begins with {@link #reset}.
     *
     * @param ofEpoch the numbers of the examples of each epoch, from 0; as many in all
     * @param size examples of a batch, >= 1; the last one of an epoch may be smaller
     */
    public TokenBatches(TokenExamples examples, IntFunction<int[]> ofEpoch, int size, long seed) {
        this.examples = examples;
        this.ofEpoch = ofEpoch;
        this.size = size;
        this.seed = seed;
        this.batches = steps(0);
    }

    /** The same examples in every epoch. */
    public TokenBatches(TokenExamples examples, int size, long seed) {
        this(examples, epoch -> IntStream.range(0, examples.size()).toArray(), size, seed);
    }

    /** The numbers of the examples of each batch of an epoch. */
    public List<int[]> steps(int number) {
        int[] those = ofEpoch.apply(number);
        int[] shuffled = IntStream.of(Batches.order(those.length, seed, number))
                .map(place -> those[place])
                .toArray();
        List<int[]> cut = new ArrayList<>();
        int together = Math.multiplyExact(size, TOGETHER);
        for (int from = 0; from < shuffled.length; from += together) {
            int[] sorted = byLength(Arrays.copyOfRange(shuffled, from, Math.min(shuffled.length, from + together)));
            for (int k = 0; k < sorted.length; k += size) {
                cut.add(Arrays.copyOfRange(sorted, k, Math.min(sorted.length, k + size)));
            }
        }
        int[] order = Subset.order(cut.size(), seed + number);
        return IntStream.of(order).mapToObj(cut::get).toList();
    }

    /** Stable: examples of one length stay as they were shuffled. */
    private int[] byLength(int... numbers) {
        return IntStream.of(numbers)
                .boxed()
                .sorted(Comparator.comparing(examples::length))
                .mapToInt(k -> k)
                .toArray();
    }

    /** For a training by {@code fit} or by plans. */
    public Examples toTrainOn() {
        return new Examples(
                new MultiDataSetIteratorAdapter(this),
                () -> new TokenRecords(examples),
                ofEpoch.apply(0).length,
                size,
                seed,
                this::steps);
    }

    /** How many batches an epoch has. */
    public int perEpoch() {
        return batches.size();
    }

    @Override
    public boolean hasNext() {
        return cursor < batches.size();
    }

    @Override
    public DataSet next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over, call reset()");
        }
        DataSet batch = examples.batch(batches.get(cursor++));
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    @Override
    public DataSet next(int count) {
        return next();
    }

    @Override
    public void reset() {
        epoch++;
        batches = steps(epoch);
        cursor = 0;
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return true;
    }

    @Override
    public int batch() {
        return size;
    }

    @Override
    public int inputColumns() {
        return -1;
    }

    @Override
    public int totalOutcomes() {
        return -1;
    }

    @Override
    public List<String> getLabels() {
        return List.of();
    }

    @Override
    public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public @Nullable DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }
}
