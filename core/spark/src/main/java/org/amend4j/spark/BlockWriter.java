/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.amend4j.graph.Records;
import org.amend4j.objective.Precision;
import org.amend4j.spark.BlockKey.Sent;
import org.amend4j.spark.data.RowReader;
import org.amend4j.spark.data.RowRecord;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import scala.Tuple2;

/** Writes the blocks that a task has, one after the other, out of records in the order of their keys. */
final class BlockWriter {

    private final RowReader reader;
    private final BlockFolder staged;
    private final BlockFolder target;
    private final List<StagedBlock> done = new ArrayList<>();
    private final List<RowRecord> block = new ArrayList<>();
    private long number;

    private BlockWriter(RowReader reader, BlockFolder staged, BlockFolder target) {
        this.reader = reader;
        this.staged = staged;
        this.target = target;
    }

    /** What became of a task's blocks. */
    static TaskResult<StagedBlock[]> write(
            RowReader reader, BlockFolder staged, BlockFolder target, Iterator<Tuple2<BlockKey, RowRecord>> sorted) {
        try {
            return new TaskResult.Given<>(new BlockWriter(reader, staged, target).written(sorted));
        } catch (IOException e) {
            return new TaskResult.Refused<>(new IllegalArgumentException(
                    "executors must be able to write blocks to " + target.folder() + ", got " + e.getMessage(), e));
        } catch (IllegalArgumentException refusal) {
            return new TaskResult.Refused<>(refusal);
        }
    }

    private StagedBlock[] written(Iterator<Tuple2<BlockKey, RowRecord>> sorted) throws IOException {
        BlockKey last = null;
        while (sorted.hasNext()) {
            Tuple2<BlockKey, RowRecord> next = sorted.next();
            BlockKey key = next._1();
            if (key.equals(last)) {
                throw new IllegalArgumentException("the ids of records must differ, got " + key.id() + " twice");
            }
            last = key;
            if (key.what() == Sent.RECORD) {
                if (key.group() != number) {
                    finish();
                    number = key.group();
                }
                block.add(next._2());
            }
        }
        finish();
        return done.toArray(StagedBlock[]::new);
    }

    private void finish() throws IOException {
        if (block.isEmpty()) {
            return;
        }
        Path file = staged.file(number);
        BlockFolder.write(file, records());
        Path before = target.file(number);
        boolean changed = Files.notExists(before) || Files.mismatch(before, file) >= 0;
        if (!changed) {
            Files.deleteIfExists(file);
        }
        done.add(new StagedBlock(number, block.size(), changed));
        block.clear();
    }

    private Records records() {
        long[] one = reader.shape();
        double[] features = numbers(LongStream.of(one).reduce(1, Math::multiplyExact));
        double[] labels = numbers(reader.labels());
        for (int k = 0; k < block.size(); k++) {
            reader.features(block.get(k), features, k * (features.length / block.size()));
            reader.label(block.get(k), labels, k * reader.labels());
        }
        return Records.of(new DataSet(array(features, one), array(labels, reader.labels())))
                .withIds(block.stream().mapToLong(RowRecord::id).toArray())
                .ownedBy(block.stream().mapToLong(RowRecord::subject).toArray());
    }

    private double[] numbers(long each) {
        long all = Math.multiplyExact(each, (long) block.size());
        if (all > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a block must have at most " + (Integer.MAX_VALUE - 8)
                    + " numbers, got block " + number + " with " + block.size() + " records of " + each);
        }
        return new double[(int) all];
    }

    private INDArray array(double[] values, long... one) {
        INDArray flat = Nd4j.createFromArray(values);
        INDArray typed = reader.precision() == Precision.FLOAT ? flat.castTo(DataType.FLOAT) : flat;
        return typed.reshape(
                'c',
                LongStream.concat(LongStream.of(block.size()), LongStream.of(one))
                        .toArray());
    }
}
