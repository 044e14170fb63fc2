/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.validation.Checks;

/**
 * A matrix in few bits, decoded a part at a time into memory that the next part takes again. Parts depend on the matrix alone, so bytes of
 * results do not depend on the number of threads.
 */
final class DecodedFactor implements FrozenFactor {

    /** Numbers of a part: what OpenBLAS multiplies well, and the second cache holds. */
    private static final int PART = 1 << 18;
    /** Columns of a part where results are sums over parts. */
    private static final int COLUMNS = 512;

    private final HostMachine machine;
    private final StoredMatrix matrix;

    DecodedFactor(HostMachine machine, StoredMatrix matrix) {
        this.machine = machine;
        this.matrix = matrix;
    }

    @Override
    public void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        Checks.atLeast(0, "count", count);
        long read = (long) count * matrix.inner();
        long written = (long) count * matrix.columns();
        long from = machine.floats("rows", rows, read);
        long result = machine.floats("to", to, written);
        if (from < result + written * Float.BYTES && result < from + read * Float.BYTES) {
            throw new IllegalArgumentException("the result overlaps the rows: " + rows + ", " + to);
        }
        if (count == 0) {
            return;
        }
        HostStorage storage = new HostStorage(machine, matrix.values());
        Product product = new Product(storage, from, result, count, alpha, beta);
        int units = product.units();
        int pieces = machine.piecesOfProduct(units, (double) count * matrix.inner() * matrix.columns());
        machine.perform(() -> product.make(units, pieces));
    }

    /** One product, in units that write different columns of the result. */
    private final class Product {

        private final HostStorage storage;
        private final long rows;
        private final long to;
        private final int count;
        private final double alpha;
        private final double beta;

        Product(HostStorage storage, long rows, long to, int count, double alpha, double beta) {
            this.storage = storage;
            this.rows = rows;
            this.to = to;
            this.count = count;
            this.alpha = alpha;
            this.beta = beta;
        }

        private int width() {
            return matrix.transposed() ? Math.max(1, PART / matrix.inner()) : COLUMNS;
        }

        int units() {
            return (matrix.columns() + width() - 1) / width();
        }

        void make(int units, int pieces) {
            if (pieces == 1) {
                makeSome(0, 1, units);
            } else {
                machine.crew().run(pieces, piece -> makeSome(piece, pieces, units));
            }
        }

        private void makeSome(int first, int step, int units) {
            long largest = Math.max(PART, matrix.transposed() ? matrix.inner() : 0);
            try (Scratch.Piece part = machine.scratch().take(largest * Float.BYTES)) {
                HostStorage.Decoder decoder = storage.new Decoder();
                for (int unit = first; unit < units; unit += step) {
                    int column = unit * width();
                    int columns = Math.min(width(), matrix.columns() - column);
                    if (matrix.transposed()) {
                        decoder.decode(matrix.inner(), column, columns, 0, matrix.inner(), part.address());
                        product(part.address(), 0, matrix.inner(), column, columns, beta);
                    } else {
                        sum(decoder, part.address(), column, columns);
                    }
                }
            }
        }

        /** Some columns of the result, a sum over the lines of the matrix. */
        private void sum(HostStorage.Decoder decoder, long part, int column, int columns) {
            int most = PART / columns;
            for (int line = 0; line < matrix.inner(); line += most) {
                int lines = Math.min(most, matrix.inner() - line);
                decoder.decode(matrix.columns(), line, lines, column, columns, part);
                product(part, line, lines, column, columns, line == 0 ? beta : 1);
            }
        }

        /** Columns of the result (+)= some columns of the rows times a part. */
        private void product(long part, int inner, int inners, int column, int columns, double kept) {
            Gemm product = new Gemm(
                    MatrixOrder.ROWS,
                    false,
                    matrix.transposed(),
                    count,
                    columns,
                    inners,
                    alpha,
                    matrix.inner(),
                    matrix.transposed() ? inners : columns,
                    kept,
                    matrix.columns(),
                    ProductPrecision.FP32);
            new HostProduct(
                            product.inColumns(),
                            ElementType.FLOAT,
                            part,
                            rows + (long) inner * Float.BYTES,
                            to + (long) column * Float.BYTES)
                    .run();
        }
    }

    /** The numbers are the caller's. */
    @Override
    public void close() {}
}
