package org.amend4j.probe;

import java.util.Random;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What one input of a network may be.
 *
 * @param type as Deeplearning4j's inference of sizes wants it
 * @param shape of one row
 * @param words number of indices if the values are indices into a table, else 0
 */
record Candidate(InputType type, long[] shape, long words) {

    static Candidate of(InputType type) {
        return new Candidate(type, type.getShape(false), 0);
    }

    /** Standard normal numbers, or indices below {@code words}. */
    INDArray rows(int rows, DataType dataType, Random random) {
        long[] all = new long[shape.length + 1];
        all[0] = rows;
        System.arraycopy(shape, 0, all, 1, shape.length);
        double[] values = new double[Math.toIntExact(rows * count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = words == 0 ? random.nextGaussian() : random.nextInt(Math.toIntExact(words));
        }
        return Nd4j.createFromArray(values).castTo(dataType).reshape('c', all);
    }

    /** Numbers in one row. */
    long count() {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }
}
