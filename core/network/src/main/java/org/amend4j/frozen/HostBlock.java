/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A reusable piece of host memory, seen both as an ND4J array (for products) and as a float buffer (for our loops).
 * Bulk reads and writes take explicit positions, so several threads may use one block.
 */
final class HostBlock {

    private record MatrixShape(long at, long channels, long pixels) {}

    private final INDArray flat;
    private final FloatBuffer floats;
    private final Map<MatrixShape, INDArray> matrices = new HashMap<>();

    private HostBlock(INDArray flat, FloatBuffer floats) {
        this.flat = flat;
        this.floats = floats;
    }

    /** A block of the given number of floats, in no workspace; what it holds is undefined. */
    static HostBlock of(long capacity) {
        INDArray flat = Nd4j.createUninitializedDetached(DataType.FLOAT, capacity);
        return new HostBlock(flat, flat.data().asNioFloat());
    }

    long capacity() {
        return flat.length();
    }

    void read(long at, float[] to, int offset, int length) {
        floats.get((int) at, to, offset, length);
    }

    void write(long at, float[] from, int offset, int length) {
        floats.put((int) at, from, offset, length);
    }

    /** Some floats, from the given position on, as a column-major [channels, pixels] matrix; no copy. */
    INDArray matrix(long at, long channels, long pixels) {
        return matrices.computeIfAbsent(
                new MatrixShape(at, channels, pixels),
                s -> piece(s.at(), s.channels() * s.pixels()).reshape('f', new long[] {s.channels(), s.pixels()}));
    }

    /** The first floats of the block as a vector; no copy. */
    INDArray front(long length) {
        return piece(0, length);
    }

    private INDArray piece(long at, long length) {
        return length == flat.length() ? flat : flat.get(NDArrayIndex.interval(at, at + length));
    }

    /** The front of the block in DL4J's own shape and layout; no copy, so NCHW is a permuted view. */
    INDArray view(RowShape shape) {
        INDArray front = front(shape.floats());
        return switch (shape.layout()) {
            case FEATURES -> front.reshape('c', new long[] {shape.n(), shape.c()});
            case NHWC -> pixels(front, shape);
            case NCHW -> pixels(front, shape).permute(0, 3, 1, 2);
        };
    }

    private static INDArray pixels(INDArray front, RowShape shape) {
        return front.reshape('c', new long[] {shape.n(), shape.h(), shape.w(), shape.c()});
    }
}
