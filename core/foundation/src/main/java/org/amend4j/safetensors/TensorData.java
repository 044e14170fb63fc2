/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/**
 * A tensor to be written.
 *
 * @param name its name: any Unicode text but {@code __metadata__}
 * @param dtype element type
 * @param shape its sizes, >= 0
 * @param content writes its little-endian bytes in C-order; may be asked more than once
 */
public record TensorData(String name, DType dtype, List<Long> shape, Content content) {
    private static final int CHUNK = 1 << 13;

    /** Writes bytes. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** @throws IllegalArgumentException if the name or the shape cannot be written */
    public TensorData {
        shape = List.copyOf(shape);
        if (name.equals(HeaderParser.METADATA)
                || name.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException("the tensor name " + Printable.quoted(name) + " cannot be written");
        }
        if (shape.size() > HeaderParser.MOST_DIMENSIONS
                || shape.stream().anyMatch(size -> size < 0)
                || size(dtype, shape).isEmpty()) {
            throw new IllegalArgumentException(
                    "tensor " + Printable.quoted(name) + " cannot have the shape " + shape + " of " + dtype);
        }
    }

    /** An F32 tensor; the values are not copied. */
    public static TensorData ofFloats(String name, List<Long> shape, float[] values) {
        requireCount(name, shape, values.length);
        return new TensorData(
                name, DType.F32, shape, out -> write(out, values.length, 4, (b, i) -> b.putFloat(values[i])));
    }

    /**
     * An F16 or BF16 tensor, if that holds every value exactly; empty for other types. The values are not copied.
     *
     * @param dtype element type
     */
    public static Optional<TensorData> ofHalves(String name, DType dtype, List<Long> shape, float[] values) {
        requireCount(name, shape, values.length);
        boolean brain = dtype == DType.BF16;
        if (!brain && dtype != DType.F16) {
            return Optional.empty();
        }
        for (float value : values) {
            if (brain ? !HalfFloats.isBf16(value) : !HalfFloats.isF16(value)) {
                return Optional.empty();
            }
        }
        return Optional.of(new TensorData(
                name,
                dtype,
                shape,
                out -> write(
                        out,
                        values.length,
                        2,
                        (b, i) -> b.putShort(brain ? HalfFloats.toBf16(values[i]) : HalfFloats.toF16(values[i])))));
    }

    /** An F64 tensor; the values are not copied. */
    public static TensorData ofDoubles(String name, List<Long> shape, double[] values) {
        requireCount(name, shape, values.length);
        return new TensorData(
                name, DType.F64, shape, out -> write(out, values.length, 8, (b, i) -> b.putDouble(values[i])));
    }

    /** An I64 tensor; the values are not copied. */
    public static TensorData ofLongs(String name, List<Long> shape, long[] values) {
        requireCount(name, shape, values.length);
        return new TensorData(
                name, DType.I64, shape, out -> write(out, values.length, 8, (b, i) -> b.putLong(values[i])));
    }

    /** Size in bytes. */
    public long bytes() {
        return size(dtype, shape).orElseThrow();
    }

    private static Optional<Long> size(DType dtype, List<Long> shape) {
        return TensorInfo.bytes(dtype, shape);
    }

    private static void requireCount(String name, List<Long> shape, int count) {
        long wanted = shape.stream().reduce(1L, Math::multiplyExact);
        if (wanted != count) {
            throw new IllegalArgumentException("tensor " + Printable.quoted(name) + " of shape " + shape + " must have "
                    + wanted + " values, got " + count);
        }
    }

    private static void write(OutputStream out, int count, int width, ObjIntConsumer<ByteBuffer> put)
            throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < count; ) {
            chunk.clear();
            int until = Math.min(count, done + CHUNK);
            for (; done < until; done++) {
                put.accept(chunk, done);
            }
            out.write(chunk.array(), 0, chunk.position());
        }
    }
}
