/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Batches of cached data. A reset after the first batch begins the next epoch with its own order; a reset before it
 * changes nothing, so that a fit that resets first sees epoch 0.
 */
final class CachedIterator implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    /** Spreads epochs over the seeds: the odd integer next to 2⁶⁴ divided by the golden ratio. */
    private static final long EPOCH_STEP = 0x9E3779B97F4A7C15L;

    private final transient CachedData data;
    private final int batchSize;
    private final transient OptionalLong seed;
    private long epoch;
    private int position;
    private int[] order;
    private transient @Nullable MultiDataSetPreProcessor preProcessor;

    CachedIterator(CachedData data, int batchSize, OptionalLong seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size must be >= 1, got " + batchSize);
        }
        this.data = data;
        this.batchSize = batchSize;
        this.seed = seed;
        this.order = order(0);
    }

    @Override
    public MultiDataSet next(int num) {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over: call reset()");
        }
        int to = Math.min(order.length, position + num);
        MultiDataSet batch = data.batch(order, position, to);
        position = to;
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    @Override
    public MultiDataSet next() {
        return next(batchSize);
    }

    @Override
    public boolean hasNext() {
        return position < order.length;
    }

    @Override
    public void reset() {
        if (position > 0) {
            epoch++;
            position = 0;
            order = order(epoch);
        }
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
    public void setPreProcessor(@Nullable MultiDataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public @Nullable MultiDataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }

    /** Fisher and Yates' shuffle for the epoch, or the data's own order. */
    private int[] order(long ofEpoch) {
        int[] result = IntStream.range(0, Math.toIntExact(data.examples())).toArray();
        if (seed.isEmpty()) {
            return result;
        }
        SplittableRandom random = new SplittableRandom(seed.getAsLong() + EPOCH_STEP * ofEpoch);
        for (int i = result.length - 1; i > 0; i--) {
            int k = random.nextInt(i + 1);
            int moved = result[i];
            result[i] = result[k];
            result[k] = moved;
        }
        return result;
    }
}
