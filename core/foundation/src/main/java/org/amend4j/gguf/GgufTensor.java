/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.util.List;

/**
 * Where a tensor lies in its file.
 *
 * @param name of at most 63 bytes
 * @param type how its numbers are stored
 * @param shape its sizes in C-order, a matrix as [outputs, inputs]; the file has them the other way round
 * @param elements how many numbers
 * @param begin its first byte, counted from the beginning of the tensors' bytes
 */
public record GgufTensor(String name, GgufType type, List<Long> shape, long elements, long begin) {
    /** Copies the shape. */
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /** Size in bytes. */
    public long bytes() {
        return elements / type.blockValues() * type.blockBytes();
    }
}
