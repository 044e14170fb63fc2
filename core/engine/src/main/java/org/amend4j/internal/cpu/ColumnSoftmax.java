/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;

/**
 * Softmax down the columns of matrices in memory whose rows are contiguous and without gaps, and its derivative. Maxima and sums of
 * columns go along rows, so that all loops are vectors'.
 */
record ColumnSoftmax<A>(VectorLoops<A> lanes) {

    static ColumnSoftmax<?> of(ElementType type) {
        return new ColumnSoftmax<>(VectorLoops.of(type));
    }

    /** A matrix at an address. */
    record Matrix(long address, int rows, int columns) {}

    /** Some columns of a matrix that are in hand at a time. */
    private record Strip(Matrix matrix, int from, int count, int bytes) {

        long row(int index) {
            return matrix.address() + ((long) index * matrix.columns() + from) * bytes;
        }
    }

    /** What is done with a strip. */
    @FunctionalInterface
    private interface OfStrip {
        void compute(int from, int count);
    }

    private static void inStrips(int columns, OfStrip work) {
        for (int from = 0; from < columns; from += VectorLoops.PIECE) {
            work.compute(from, Math.min(VectorLoops.PIECE, columns - from));
        }
    }

    /**
     * Replaces z by the softmax of {@code z + shift}.
     *
     * @param shifts of each row; none is no shift
     */
    void apply(Matrix z, double[] shifts) {
        inStrips(z.columns(), (from, count) -> apply(new Strip(z, from, count, lanes.bytes()), shifts));
    }

    private void apply(Strip z, double[] shifts) {
        int n = z.count();
        int rows = z.matrix().rows();
        A most = lanes.scratch(0, n);
        A row = lanes.scratch(1, n);
        A total = lanes.scratch(2, n);
        lanes.fill(most, 0, n, Double.NEGATIVE_INFINITY);
        for (int j = 0; j < rows; j++) {
            loadShifted(z, j, shifts, row);
            lanes.maximum(most, row, n);
        }
        lanes.fill(total, 0, n, 0);
        for (int j = 0; j < rows; j++) {
            loadShifted(z, j, shifts, row);
            lanes.addScaled(row, -1, most, n);
            lanes.exp(row, 0, n);
            lanes.add(total, row, n);
            lanes.store(row, z.row(j), n);
        }
        for (int j = 0; j < rows; j++) {
            lanes.load(z.row(j), row, n);
            lanes.divide(row, total, n);
            lanes.store(row, z.row(j), n);
        }
    }

    private void loadShifted(Strip z, int index, double[] shifts, A row) {
        lanes.load(z.row(index), row, z.count());
        if (shifts.length > 0 && shifts[index] != 0) {
            lanes.shift(row, shifts[index], z.count());
        }
    }

    /** Replaces the derivative at p, the values of {@link #apply}, by that at z: {@code p ∘ (dp − Σ p ∘ dp)}. */
    void differentiate(Matrix p, Matrix dp) {
        inStrips(
                p.columns(),
                (from, count) -> differentiate(
                        new Strip(p, from, count, lanes.bytes()), new Strip(dp, from, count, lanes.bytes())));
    }

    private void differentiate(Strip p, Strip dp) {
        int n = p.count();
        int rows = p.matrix().rows();
        A values = lanes.scratch(0, n);
        A row = lanes.scratch(1, n);
        A mean = lanes.scratch(2, n);
        lanes.fill(mean, 0, n, 0);
        for (int j = 0; j < rows; j++) {
            lanes.load(p.row(j), values, n);
            lanes.load(dp.row(j), row, n);
            lanes.multiplyAdd(mean, values, row, n);
        }
        for (int j = 0; j < rows; j++) {
            lanes.load(p.row(j), values, n);
            lanes.load(dp.row(j), row, n);
            lanes.addScaled(row, -1, mean, n);
            lanes.multiply(row, values, n);
            lanes.store(row, dp.row(j), n);
        }
    }
}
