/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One array of a data set, as a column: what a single example holds of it.
 *
 * @param role what the array is for
 * @param type FLOAT, DOUBLE, INT or LONG
 * @param shape the array's shape without the batch dimension
 */
record Column(Role role, DataType type, List<Long> shape) implements Identified {

    /** What an array is for. */
    enum Role {
        /** An activation at a cut vertex (or, before the prefix has run, a feature array). */
        ACTIVATION,
        /** A label array. */
        LABEL,
        /** The mask of the label array before it. */
        LABEL_MASK
    }

    /** The roles by their number in files. */
    static final List<Role> ROLES = List.of(Role.ACTIVATION, Role.LABEL, Role.LABEL_MASK);

    /** The types a column may have, by their number in files. */
    static final List<DataType> TYPES = List.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT32, DataType.INT64);

    Column {
        shape = List.copyOf(shape);
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException(
                    "a cached array must be of type FLOAT, DOUBLE, INT or LONG, got " + type);
        }
        if (shape.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("a cached array must have no empty dimension, got " + shape);
        }
    }

    /** The column of an array. */
    static Column of(Role role, INDArray array) {
        List<Long> shape = Arrays.stream(array.shape()).skip(1).boxed().toList();
        return new Column(role, array.dataType(), shape);
    }

    @Override
    public Facts facts() {
        return Facts.of("Column")
                .with("role", role)
                .with("type", type)
                .with("shape", shape.stream().mapToLong(Long::longValue));
    }

    /** Elements per example. */
    long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Bytes per example. */
    long bytes() {
        return Math.multiplyExact(elements(), type.width());
    }

    /**
     * The array's elements in C order, little-endian: example after example.
     *
     * @throws IllegalArgumentException if the array is of another type or shape
     */
    ByteBuffer bytesOf(INDArray array) {
        if (!of(role, array).equals(this)) {
            throw new IllegalArgumentException("every batch must have arrays of the same type and shape: expected "
                    + type + " " + shape + " per example, got " + array.dataType() + " "
                    + of(role, array).shape());
        }
        INDArray flat = array.dup('c');
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.multiplyExact(bytes(), array.size(0))))
                .order(ByteOrder.LITTLE_ENDIAN);
        if (type == DataType.FLOAT) {
            bytes.asFloatBuffer().put(flat.data().asFloat());
        } else if (type == DataType.DOUBLE) {
            bytes.asDoubleBuffer().put(flat.data().asDouble());
        } else if (type == DataType.INT32) {
            bytes.asIntBuffer().put(flat.data().asInt());
        } else {
            bytes.asLongBuffer().put(flat.data().asLong());
        }
        return bytes;
    }

    /** An array of the given number of examples from bytes as {@link #bytesOf} gives them. */
    INDArray array(ByteBuffer bytes, int examples) {
        long[] whole = new long[shape.size() + 1];
        whole[0] = examples;
        for (int i = 0; i < shape.size(); i++) {
            whole[i + 1] = shape.get(i);
        }
        int length = Math.toIntExact(Math.multiplyExact(elements(), examples));
        return vector(bytes, length).reshape('c', whole);
    }

    private INDArray vector(ByteBuffer bytes, int length) {
        if (type == DataType.FLOAT) {
            float[] values = new float[length];
            bytes.asFloatBuffer().get(values);
            return Nd4j.createFromArray(values);
        }
        if (type == DataType.DOUBLE) {
            double[] values = new double[length];
            bytes.asDoubleBuffer().get(values);
            return Nd4j.createFromArray(values);
        }
        if (type == DataType.INT32) {
            int[] values = new int[length];
            bytes.asIntBuffer().get(values);
            return Nd4j.createFromArray(values);
        }
        long[] values = new long[length];
        bytes.asLongBuffer().get(values);
        return Nd4j.createFromArray(values);
    }
}
