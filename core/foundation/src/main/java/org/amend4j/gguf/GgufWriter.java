/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Writes GGUF files of version 3, which llama.cpp and {@link GgufFile} read: keys first, then tensors one behind the other. */
public final class GgufWriter {

    private static final int ALIGNMENT = 32;
    private static final int VERSION = 3;
    private static final int LONGEST_NAME = 63;

    private GgufWriter() {}

    /** The values of a tensor, which are asked for once, when it is its turn. */
    @FunctionalInterface
    public interface Values {

        /**
         * The values in C-order.
         *
         * @throws IOException if they cannot be read
         */
        float[] read() throws IOException;
    }

    /**
     * A tensor to be written.
     *
     * @param name of at most 63 bytes
     * @param type F32, F16, Q8_0 or Q4_0
     * @param shape its sizes in C-order; the last is a multiple of the values of a block
     * @param values all finite
     */
    public record Tensor(String name, GgufType type, List<Long> shape, Values values) {
        public Tensor {
            shape = List.copyOf(shape);
            if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                throw new IllegalArgumentException("the name of a tensor must have at most 63 bytes, got " + name);
            }
            if (shape.get(shape.size() - 1) % type.blockValues() != 0) {
                throw new IllegalArgumentException("the rows of the tensor " + name + " must be whole blocks of "
                        + type.blockValues() + " values, got " + shape);
            }
        }

        long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        long bytes() {
            return elements() / type.blockValues() * type.blockBytes();
        }
    }

    /**
     * Writes a file.
     *
     * @throws IllegalArgumentException if a tensor has another number of values than its shape says, or one that its type cannot hold
     * @throws IOException if the file cannot be written, or values cannot be read
     */
    public static void write(OutputStream out, GgufKeys keys, List<Tensor> tensors) throws IOException {
        byte[] header = header(keys, tensors);
        out.write(header);
        out.write(new byte[padding(header.length)]);
        for (Tensor tensor : tensors) {
            float[] values = tensor.values().read();
            if (values.length != tensor.elements()) {
                throw new IllegalArgumentException("the tensor " + tensor.name() + " must have " + tensor.elements()
                        + " values, got " + values.length);
            }
            write(out, tensor, values);
            out.write(new byte[padding(tensor.bytes())]);
        }
    }

    private static byte[] header(GgufKeys keys, List<Tensor> tensors) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        GgufKeys.put(out, Integer.BYTES, VERSION);
        GgufKeys.put(out, Long.BYTES, tensors.size());
        GgufKeys.put(out, Long.BYTES, keys.count());
        out.writeBytes(keys.bytes());
        long begin = 0;
        for (Tensor tensor : tensors) {
            GgufKeys.put(out, tensor.name());
            GgufKeys.put(out, Integer.BYTES, tensor.shape().size());
            List<Long> turned = new ArrayList<>(tensor.shape());
            Collections.reverse(turned);
            turned.forEach(size -> GgufKeys.put(out, Long.BYTES, size));
            GgufKeys.put(out, Integer.BYTES, tensor.type().number());
            GgufKeys.put(out, Long.BYTES, begin);
            begin += tensor.bytes() + padding(tensor.bytes());
        }
        return out.toByteArray();
    }

    private static int padding(long bytes) {
        return (int) Math.floorMod(-bytes, (long) ALIGNMENT);
    }

    /** A row at a time, so that memory is that of the values. */
    private static void write(OutputStream out, Tensor tensor, float[] values) throws IOException {
        GgufType type = tensor.type();
        int row = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 1));
        ByteBuffer bytes = ByteBuffer.allocate(row / type.blockValues() * type.blockBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += row) {
            bytes.clear();
            for (int i = from; i < from + row; i += type.blockValues()) {
                try {
                    GgufEncoding.block(type, values, i, bytes);
                } catch (IllegalArgumentException bad) {
                    throw new IllegalArgumentException("the tensor " + tensor.name() + " " + bad.getMessage(), bad);
                }
            }
            out.write(bytes.array());
        }
    }
}
