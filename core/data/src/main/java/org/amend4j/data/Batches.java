/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.List;
import java.util.NoSuchElementException;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * DL4J's view of {@link Labelled} examples: mini-batches made on demand, in a new order each epoch. The order of epoch e
 * depends only on the seed and e; the last batch may be smaller.
 */
public final class Batches implements DataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient Labelled examples;
    private final int size;
    private final boolean shuffle;
    private final long seed;
    private long epoch;
    private int[] order;
    private int cursor;
    private transient @org.jspecify.annotations.Nullable DataSetPreProcessor preProcessor;

    private Batches(Labelled examples, int size, boolean shuffle, long seed) {
        if (size < 1) {
            throw new BadInputException("the batch size must be >= 1, got " + size);
        }
        this.examples = examples;
        this.size = size;
        this.shuffle = shuffle;
        this.seed = seed;
        this.order = order();
    }

    /** Batches in the examples' own order. */
    public static Batches inOrder(Labelled examples, int size) {
        return new Batches(examples, size, false, 0);
    }

    /** Batches in an order drawn from the seed, another one after each {@link #reset()}. */
    public static Batches shuffled(Labelled examples, int size, long seed) {
        return new Batches(examples, size, true, seed);
    }

    /** The order of examples in an epoch of {@link #shuffled}; epochs count from 0. */
    public static int[] order(int examples, long seed, long epoch) {
        return Subset.order(examples, seed + 0x9E3779B97F4A7C15L * epoch);
    }

    private int[] order() {
        if (shuffle) {
            return order(examples.size(), seed, epoch);
        }
        int[] plain = new int[examples.size()];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = i;
        }
        return plain;
    }

    /** How many batches an epoch has. */
    public int perEpoch() {
        return (examples.size() + size - 1) / size;
    }

    @Override
    public boolean hasNext() {
        return cursor < order.length;
    }

    @Override
    public DataSet next() {
        return next(size);
    }

    @Override
    public DataSet next(int count) {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over, call reset()");
        }
        int end = Math.min(order.length, cursor + count);
        DataSet batch = examples.batch(java.util.Arrays.copyOfRange(order, cursor, end));
        cursor = end;
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    @Override
    public void reset() {
        epoch++;
        order = order();
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
        return examples.length();
    }

    @Override
    public int totalOutcomes() {
        return examples.columns();
    }

    @Override
    public List<String> getLabels() {
        return examples.classes();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public @org.jspecify.annotations.Nullable DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }
}
