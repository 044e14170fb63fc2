/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of gapless arrays, for machines to read and write. Whoever uses it holds the array meanwhile. */
final class ArrayMemory {

    private ArrayMemory() {}

    /** The address of an array's first element. */
    static long address(INDArray array) {
        return array.data().address() + array.offset() * array.dataType().width();
    }

    /** The elements of an array of at most 2 GiB. */
    static ByteBuffer of(INDArray array) {
        return new Bytes(address(array), array.length() * array.dataType().width()).asByteBuffer();
    }

    private static final class Bytes extends BytePointer {
        Bytes(long address, long count) {
            this.address = address;
            this.limit = count;
            this.capacity = count;
        }
    }
}
