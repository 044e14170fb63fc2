/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.security.MessageDigest;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The raw bytes of an array, in memory order. "Unchanged" in this library means equal bytes: {@code INDArray.equals}
 * tolerates differences of 1e-5.
 */
public final class ArrayBytes {

    private static final int CHUNK = 1 << 20;

    private ArrayBytes() {}

    /**
     * Whether two arrays have the same type, shape and values, bit for bit. The memory order may differ.
     *
     * @param a any array
     * @param b any array
     */
    public static boolean same(INDArray a, INDArray b) {
        if (a.dataType() != b.dataType() || !Arrays.equals(a.shape(), b.shape())) {
            return false;
        }
        INDArray left = dense(a);
        INDArray right = left.ordering() == b.ordering() && isDense(b) ? b : b.dup(left.ordering());
        long length = byteLength(left);
        byte[] x = new byte[(int) Math.min(CHUNK, length)];
        byte[] y = new byte[x.length];
        for (long at = 0; at < length; at += CHUNK) {
            int n = (int) Math.min(CHUNK, length - at);
            read(left, at, x, n);
            read(right, at, y, n);
            if (!Arrays.equals(x, 0, n, y, 0, n)) {
                return false;
            }
        }
        return true;
    }

    /** Feeds the bytes of {@code array} in memory order into {@code digest}; views need no copy when they are dense. */
    public static void update(MessageDigest digest, INDArray array) {
        INDArray values = dense(array);
        long length = byteLength(values);
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        for (long at = 0; at < length; at += CHUNK) {
            int n = (int) Math.min(CHUNK, length - at);
            read(values, at, chunk, n);
            digest.update(chunk, 0, n);
        }
    }

    /**
     * Copies some of the bytes of an array in memory order.
     *
     * @param dense whose elements lie next to one another
     * @param from the first byte
     * @param into filled
     * @throws IllegalArgumentException if the array is not dense
     */
    public static void copy(INDArray dense, long from, byte[] into) {
        if (!isDense(dense)) {
            throw new IllegalArgumentException("an array to be copied from must be dense, got a view");
        }
        read(dense, from, into, into.length);
    }

    private static INDArray dense(INDArray array) {
        return isDense(array) ? array : array.dup(array.ordering());
    }

    private static long byteLength(INDArray array) {
        return array.length() * array.dataType().width();
    }

    /** Whether the elements lie next to one another in the array's own order. */
    private static boolean isDense(INDArray array) {
        long expected = 1;
        int rank = array.rank();
        for (int i = 0; i < rank; i++) {
            int dimension = array.ordering() == 'f' ? i : rank - 1 - i;
            if (array.size(dimension) != 1 && array.stride(dimension) != expected) {
                return false;
            }
            expected *= array.size(dimension);
        }
        return true;
    }

    private static void read(INDArray array, long at, byte[] into, int n) {
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        long start = array.offset() * array.dataType().width() + at;
        try (BytePointer all = new BytePointer(array.data().pointer())) {
            all.limit(start + n).position(start).get(into, 0, n);
        }
    }
}
