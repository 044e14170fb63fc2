/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import java.util.List;
import java.util.Optional;

/**
 * Where a tensor lies in its file.
 *
 * @param name its name, any text
 * @param dtype element type
 * @param shape its sizes, C-order; empty for a scalar
 * @param begin first byte, counted from the beginning of the file's byte buffer
 * @param end one past its last byte
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, long begin, long end) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Size in bytes. */
    public long bytes() {
        return end - begin;
    }

    /** Number of elements. */
    public long elements() {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    /** Size in bytes of a tensor of this type and shape; empty if it overflows or is no whole number of bytes. */
    static Optional<Long> bytes(DType dtype, List<Long> shape) {
        try {
            long bits = dtype.bits();
            for (long size : shape) {
                bits = Math.multiplyExact(bits, size);
            }
            return bits % 8 == 0 ? Optional.of(bits / 8) : Optional.empty();
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }
}
