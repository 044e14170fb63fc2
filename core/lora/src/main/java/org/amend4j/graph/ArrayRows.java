/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.record.RecordBytes;
import org.amend4j.record.RecordBytes.Part;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The rows of an array as bytes; read a block at a time, since every call to ND4J costs more than a row. */
final class ArrayRows {

    private static final int BLOCK_BYTES = 1 << 20;

    private final Part part;
    private final INDArray array;
    private final int valueBytes;
    private final long[] shape;
    private final long rowBytes;
    private byte[] block = {};
    private int firstInBlock;
    private int rowsInBlock;

    /** @param array dense, in C order, FLOAT or DOUBLE; an example per index of its first dimension */
    ArrayRows(Part part, INDArray array) {
        this.part = part;
        this.array = array;
        this.valueBytes = array.dataType().width();
        this.shape = Arrays.copyOfRange(array.shape(), 1, array.rank());
        this.rowBytes = array.length() / array.size(0) * valueBytes;
    }

    /** Adds a row. */
    void addTo(RecordBytes bytes, int row) {
        if (row < firstInBlock || row >= firstInBlock + rowsInBlock) {
            load(row);
        }
        int from = Math.toIntExact((row - firstInBlock) * rowBytes);
        bytes.add(part, valueBytes, shape, bigEndian(ByteBuffer.wrap(block, from, Math.toIntExact(rowBytes))));
    }

    private void load(int row) {
        long rows = Math.min(Math.max(1, BLOCK_BYTES / rowBytes), array.size(0) - row);
        block = new byte[Math.toIntExact(rows * rowBytes)];
        ArrayBytes.copy(array, row * rowBytes, block);
        firstInBlock = row;
        rowsInBlock = (int) rows;
    }

    private ByteBuffer bigEndian(ByteBuffer values) {
        if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
            return values;
        }
        ByteBuffer swapped = ByteBuffer.allocate(values.remaining());
        ByteBuffer natively = values.slice().order(ByteOrder.LITTLE_ENDIAN);
        while (natively.hasRemaining()) {
            if (valueBytes == Double.BYTES) {
                swapped.putLong(natively.getLong());
            } else {
                swapped.putInt(natively.getInt());
            }
        }
        return swapped.flip();
    }
}
