/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredPart;
import org.amend4j.internal.validation.Checks;

/**
 * Products with a matrix in few bits. Parts of it are decoded one after the other into memory that all such products share, and multiplied from
 * there. Parts have all terms of their columns, so that results are not sums over parts.
 *
 * <p>In precision BF16, on cards that multiply bfloat16 numbers, parts are decoded to these and rows are rounded to them, some at a time; a
 * matrix that is kept in BF16 is multiplied as it is. Otherwise parts are decoded to floats.
 */
final class DecodingFactor implements FrozenFactor {

    /** Columns of a part are a multiple of this, so that all begin at addresses that cards like. */
    private static final int MULTIPLE = 64;

    /** The first compute capability with tensor cores for bfloat16 numbers. */
    private static final int HAS_BFLOAT16 = 80;

    /** What a device's factors share. */
    static final class Memory {

        /** Bytes of a part: little beside a base of a billion numbers, and what the second cache of large cards holds. */
        private static final int PART = 1 << 23;

        /** Bytes of rows that are rounded at a time. */
        private static final int ROWS = 1 << 25;

        private final int partBytes;
        private final int rowBytes;
        private final SharedScratch floats;
        private final SharedScratch halves;
        private final SharedScratch rows;

        Memory(Device device) {
            this(device, PART, ROWS);
        }

        /**
         * Such as tests want it.
         *
         * @param partBytes of a part, unless a column has more
         * @param rowBytes of rows that are rounded at a time, unless one has more
         */
        Memory(Device device, int partBytes, int rowBytes) {
            this.partBytes = partBytes;
            this.rowBytes = rowBytes;
            this.floats = new SharedScratch(device, "a decoded part of frozen weights", ElementType.FLOAT);
            this.halves = new SharedScratch(device, "a decoded part of frozen weights", ElementType.BFLOAT16);
            this.rows = new SharedScratch(device, "rounded rows", ElementType.BFLOAT16);
        }
    }

    private final Device device;
    private final StoredMatrix matrix;
    /** Columns of a part. */
    private final int width;
    /** Rows that are multiplied at a time. */
    private final int most;

    private final Owned owned = new Owned();
    /** Where parts are decoded to; empty if the matrix is multiplied as it is. */
    private final Optional<SharedScratch.Share> decoded;
    /** Where rows are rounded to, if they are. */
    private final Optional<SharedScratch.Share> rounded;

    DecodingFactor(Device device, StoredMatrix matrix, Memory memory) {
        this.device = device;
        this.matrix = matrix;
        boolean halves = matrix.precision() == ProductPrecision.BF16 && device.architecture() >= HAS_BFLOAT16;
        boolean decodes = !halves || matrix.values().storage() != WeightStorage.BF16;
        ElementType type = halves ? ElementType.BFLOAT16 : ElementType.FLOAT;
        this.width = decodes ? widthOfPart(matrix, memory.partBytes / type.bytes()) : matrix.columns();
        int rowsAtOnce = Math.max(1, memory.rowBytes / type.bytes() / matrix.inner());
        this.most = halves ? (int) Math.min(matrix.rows(), rowsAtOnce) : Integer.MAX_VALUE;
        SharedScratch parts = halves ? memory.halves : memory.floats;
        try {
            this.decoded =
                    decodes ? Optional.of(owned.add(parts.take((long) width * matrix.inner()))) : Optional.empty();
            this.rounded =
                    halves ? Optional.of(owned.add(memory.rows.take((long) most * matrix.inner()))) : Optional.empty();
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    private static int widthOfPart(StoredMatrix matrix, int numbers) {
        int wide = Math.max(1, numbers / matrix.inner());
        if (wide >= matrix.columns()) {
            return matrix.columns();
        }
        return wide < MULTIPLE ? wide : wide / MULTIPLE * MULTIPLE;
    }

    @Override
    public void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        Checks.atLeast(0, "count", count);
        long from = device.address(floats("rows", rows, (long) count * matrix.inner()));
        long result = device.address(floats("to", to, (long) count * matrix.columns()));
        long read = (long) count * matrix.inner() * Float.BYTES;
        long written = (long) count * matrix.columns() * Float.BYTES;
        if (from < result + written && result < from + read) {
            throw new IllegalArgumentException("the result overlaps the rows: " + rows + ", " + to);
        }
        for (int first = 0; first < count; first += Math.min(most, count - first)) {
            int some = Math.min(most, count - first);
            multiplySome(
                    rows.slice((long) first * matrix.inner(), (long) some * matrix.inner()),
                    to.slice((long) first * matrix.columns(), (long) some * matrix.columns()),
                    some,
                    alpha,
                    beta);
        }
    }

    private static MachineArray floats(String what, MachineArray array, long count) {
        if (array.type() != ElementType.FLOAT || array.length() < count) {
            throw new IllegalArgumentException(what + " needs " + count + " floats, got " + array);
        }
        return array;
    }

    private void multiplySome(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        MachineArray left = rounded.map(share -> rounded(rows, share)).orElse(rows);
        for (int column = 0; column < matrix.columns(); column += width) {
            int columns = Math.min(width, matrix.columns() - column);
            MachineArray right = decoded.isPresent()
                    ? decoded(decoded.get(), column, columns)
                    : matrix.values().words();
            device.multiply(product(count, columns, alpha, beta), left, right, to.slice(column, to.length() - column));
        }
    }

    /** Of rows and a part, into some columns of the result. */
    private Gemm product(int count, int columns, double alpha, double beta) {
        return new Gemm(
                MatrixOrder.ROWS,
                false,
                matrix.transposed(),
                count,
                columns,
                matrix.inner(),
                alpha,
                matrix.inner(),
                matrix.transposed() ? matrix.inner() : columns,
                beta,
                matrix.columns(),
                matrix.precision());
    }

    private MachineArray rounded(MachineArray rows, SharedScratch.Share share) {
        MachineArray to = share.first(rows.length());
        device.kernels().storage().round(rows, to);
        return to;
    }

    /** Some columns of the matrix, as it is stored. */
    private MachineArray decoded(SharedScratch.Share share, int column, int columns) {
        MachineArray to = share.first((long) columns * matrix.inner());
        StoredPart part = matrix.transposed()
                ? new StoredPart(matrix.values(), matrix.inner(), column, columns, 0, matrix.inner())
                : new StoredPart(matrix.values(), matrix.columns(), 0, matrix.inner(), column, columns);
        device.kernels().storage().decode(part, to);
        return to;
    }

    @Override
    public void close() {
        owned.close();
    }
}
