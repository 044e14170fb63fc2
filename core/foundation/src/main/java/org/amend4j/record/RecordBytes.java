/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.nio.ByteBuffer;

/**
 * A record's arrays as bytes, so that equal bytes mean equal arrays: for each its part, the bytes of a value, its shape and its
 * values, all big-endian.
 */
public final class RecordBytes {

    private static final int MOST_DIMENSIONS = 127;

    /** What an array is to a record. */
    public enum Part {
        FEATURES(0),
        LABELS(1),
        FEATURE_MASK(2),
        LABEL_MASK(3);

        private final byte code;

        Part(int code) {
            this.code = (byte) code;
        }
    }

    private ByteBuffer bytes = ByteBuffer.allocate(128);

    /**
     * Adds an array.
     *
     * @param shape of one record
     * @param values in C order; from their position on, as many as the shape has
     */
    public RecordBytes add(Part part, long[] shape, double... values) {
        begin(part, Double.BYTES, shape, values.length);
        for (double value : values) {
            bytes.putDouble(value);
        }
        return this;
    }

    /**
     * Adds an array.
     *
     * @param valueBytes of one value: 4 for float, 8 for double
     * @param shape of one record
     * @param values in C order, big-endian; all that remains is read
     */
    public RecordBytes add(Part part, int valueBytes, long[] shape, ByteBuffer values) {
        begin(part, valueBytes, shape, values.remaining() / valueBytes);
        bytes.put(values);
        return this;
    }

    private void begin(Part part, int valueBytes, long[] shape, int count) {
        if (shape.length > MOST_DIMENSIONS || size(shape) != count) {
            throw new IllegalArgumentException(
                    "an array must have as many values as its shape says, " + size(shape) + ", got " + count);
        }
        reserve(3 + Math.multiplyExact(Long.BYTES, shape.length) + Math.multiplyExact(valueBytes, count));
        bytes.put(part.code).put((byte) valueBytes).put((byte) shape.length);
        for (long size : shape) {
            bytes.putLong(size);
        }
    }

    private static long size(long[] shape) {
        long size = 1;
        for (long length : shape) {
            size = Math.multiplyExact(size, length);
        }
        return size;
    }

    private void reserve(int more) {
        if (bytes.remaining() < more) {
            int wanted = Math.max(Math.addExact(bytes.position(), more), 2 * bytes.capacity());
            bytes = ByteBuffer.allocate(wanted).put(bytes.flip());
        }
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        byte[] copy = new byte[bytes.position()];
        bytes.get(0, copy);
        return copy;
    }
}
