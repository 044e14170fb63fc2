/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A possible form of one input of a network.
 *
 * @param type as Deeplearning4j's inference of sizes wants it
 * @param shape of one row; of indices that are masked [2, steps], the second ones
 * @param words number of indices if the values are indices into a table, else 0
 */
record InputCandidate(InputType type, List<Long> shape, long words) {

    InputCandidate {
        shape = List.copyOf(shape);
    }

    static InputCandidate of(InputType type) {
        return new InputCandidate(
                type, Arrays.stream(type.getShape(false)).boxed().toList(), 0);
    }

    /** Standard normal numbers, or indices below {@code words}. */
    INDArray rows(int rows, DataType dataType, Random random) {
        long[] all = LongStream.concat(LongStream.of(rows), shape.stream().mapToLong(Long::longValue))
                .toArray();
        double[] values = new double[Math.toIntExact(rows * count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = isMask(i) ? 1 : words == 0 ? random.nextGaussian() : random.nextInt(Math.toIntExact(words));
        }
        return Nd4j.createFromArray(values).castTo(dataType).reshape('c', all);
    }

    private boolean isMask(int place) {
        return words > 0 && shape.size() == 2 && place / shape.get(1) % 2 == 1;
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
