/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.RecordIds;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A table in shuffled batches of one size, rows in ascending order within a batch; the remainder that does not fill a batch
 * is left out of an epoch, a different one each time. Every epoch is shuffled anew, all from one seed.
 */
final class NumberedBatches implements DataSetIterator {

    private static final long serialVersionUID = 1;

    private final transient RowTable table;
    private final int size;
    private final Random random;
    private final transient Consumer<RecordIds> listener;
    private final transient Deque<RecordIds> epoch = new ArrayDeque<>();

    /** @param listener told of a batch's rows before the batch is handed out */
    NumberedBatches(RowTable table, int size, long seed, Consumer<RecordIds> listener) {
        this.table = table;
        this.size = Checks.inRange(1, table.size(), "the size of a batch", size);
        this.random = new Random(seed);
        this.listener = listener;
        reset();
    }

    @Override
    public void reset() {
        List<Integer> order = IntStream.range(0, table.size()).boxed().collect(Collectors.toList());
        Collections.shuffle(order, random);
        epoch.clear();
        for (int from = 0; from + size <= order.size(); from += size) {
            epoch.add(RecordIds.of(order.subList(from, from + size).stream()
                    .mapToLong(Integer::longValue)
                    .toArray()));
        }
    }

    @Override
    public boolean hasNext() {
        return !epoch.isEmpty();
    }

    @Override
    public DataSet next() {
        RecordIds ids = epoch.poll();
        if (ids == null) {
            throw new NoSuchElementException("the epoch is over");
        }
        listener.accept(ids);
        int[] rows = ids.stream().mapToInt(Math::toIntExact).toArray();
        return new DataSet(
                Nd4j.pullRows(table.data().getFeatures(), 1, rows, 'c'),
                Nd4j.pullRows(table.data().getLabels(), 1, rows, 'c'));
    }

    @Override
    public DataSet next(int count) {
        throw new UnsupportedOperationException("batches have the size " + size + " they were made with, got " + count);
    }

    @Override
    public int inputColumns() {
        return Math.toIntExact(table.data().getFeatures().size(1));
    }

    @Override
    public int totalOutcomes() {
        return Math.toIntExact(table.data().getLabels().size(1));
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    /** A batch that was fetched before its turn would be taken for the one that is trained on. */
    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public int batch() {
        return size;
    }

    @Override
    public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
        if (preProcessor != null) {
            throw new UnsupportedOperationException("recorded rows are what fit gets: scale them before");
        }
    }

    @Override
    public @Nullable DataSetPreProcessor getPreProcessor() {
        return null;
    }

    @Override
    public List<String> getLabels() {
        return List.of();
    }
}
