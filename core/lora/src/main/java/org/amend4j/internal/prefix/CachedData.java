/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Activations at the cut, labels and label masks, verified and ready for iteration: in memory, or read example by
 * example from the file. Several iterators may be used concurrently; iterators end with {@link #close()}.
 */
public final class CachedData implements AutoCloseable {

    private final CacheFile file;
    private final FileChannel channel;
    private final ByteBuffer memory;
    private final boolean computed;

    private CachedData(CacheFile file, FileChannel channel, ByteBuffer memory, boolean computed) {
        this.file = file;
        this.channel = channel;
        this.memory = memory;
        this.computed = computed;
    }

    /** Takes over a channel whose content has been checked; closes it at once if all of it fits into memory. */
    static CachedData open(CacheFile file, FileChannel channel, long memoryBytes, boolean computed) throws IOException {
        long body = file.exampleBytes() * file.examples();
        if (body > memoryBytes || body > Integer.MAX_VALUE - 16) {
            return new CachedData(file, channel, ByteBuffer.allocate(0), computed);
        }
        ByteBuffer memory = CacheFile.readFully(channel, file.headerBytes(), (int) body);
        channel.close();
        return new CachedData(file, channel, memory, computed);
    }

    /** The number of examples. */
    public long examples() {
        return file.examples();
    }

    /** Whether the activations had to be computed for this; if not, they came from the cache. */
    public boolean computed() {
        return computed;
    }

    /** Whether everything is held in memory. */
    public boolean inMemory() {
        return memory.capacity() > 0;
    }

    /** The size of the cache file. */
    public long bytes() {
        return file.fileBytes();
    }

    /**
     * Batches in an order that depends on the seed and the epoch alone. The features of a batch are the activations, one
     * array per output of the prefix.
     *
     * @param batchSize examples per batch, at least 1; the last batch of an epoch may be smaller
     */
    public MultiDataSetIterator iterator(int batchSize, long shuffleSeed) {
        return new CachedIterator(this, batchSize, OptionalLong.of(shuffleSeed));
    }

    /** Batches in the order of the data, the same in every epoch. */
    public MultiDataSetIterator inOrder(int batchSize) {
        return new CachedIterator(this, batchSize, OptionalLong.empty());
    }

    /** Closes the file; data in memory stays usable. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing cached activations failed", e);
        }
    }

    /** The given examples as one batch. */
    MultiDataSet batch(int[] order, int from, int to) {
        int count = to - from;
        List<ByteBuffer> parts = new ArrayList<>();
        for (Column column : file.columns()) {
            int length = Math.toIntExact(Math.multiplyExact(column.bytes(), count));
            parts.add(ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN));
        }
        for (int i = from; i < to; i++) {
            ByteBuffer example = example(order[i]);
            int at = 0;
            for (int k = 0; k < parts.size(); k++) {
                int length = Math.toIntExact(file.columns().get(k).bytes());
                parts.get(k).put(example.slice(at, length));
                at += length;
            }
        }
        parts.forEach(ByteBuffer::flip);
        return assemble(parts, count);
    }

    private MultiDataSet assemble(List<ByteBuffer> parts, int count) {
        List<INDArray> features = new ArrayList<>();
        List<INDArray> labels = new ArrayList<>();
        List<Column.Role> roles = file.columns().stream().map(Column::role).toList();
        INDArray[] masks = new INDArray
                [(int) roles.stream().filter(r -> r == Column.Role.LABEL).count()];
        for (int k = 0; k < parts.size(); k++) {
            INDArray array = file.columns().get(k).array(parts.get(k), count);
            switch (roles.get(k)) {
                case ACTIVATION -> features.add(array);
                case LABEL -> labels.add(array);
                case LABEL_MASK -> masks[labels.size() - 1] = array;
            }
        }
        MultiDataSet batch = new MultiDataSet(features.toArray(INDArray[]::new), labels.toArray(INDArray[]::new));
        if (roles.contains(Column.Role.LABEL_MASK)) {
            batch.setLabelsMaskArray(masks);
        }
        return batch;
    }

    private ByteBuffer example(int index) {
        int length = Math.toIntExact(file.exampleBytes());
        if (inMemory()) {
            return memory.slice(index * length, length);
        }
        try {
            return CacheFile.readFully(channel, file.headerBytes() + (long) index * length, length);
        } catch (IOException e) {
            throw new UncheckedIOException("reading example " + index + " of cached activations failed", e);
        }
    }
}
