/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.LowRankKernels.Factors;
import org.amend4j.internal.backend.LowRankKernels.Sums;

/** Skinny products of an adapter with many rows, against doubles. */
public final class LowRankLaws {

    private static final double SCALE = 0.5;

    private LowRankLaws() {}

    /**
     * s·d·upᵀ alone and with dᵀ·low, then lowᵀ·d, of matrices with gaps. Each call but the first adds up what was left before it: the second sums that
     * are given, the third what the second left, and {@link LowRankKernels#addUp} what the third did.
     */
    public static void products(
            Machine machine,
            LowRankKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int rank,
            int gap,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            Numbers numbers = new Numbers(values, rows, columns, rank);
            Factors factors = new Factors(
                    values.in(numbers.d, rows, columns, gap),
                    values.in(numbers.up, rank, columns, gap),
                    values.in(numbers.low, rows, rank, gap));
            MachineArray scratch = values.fresh((long) rows * LowRankKernels.scratchOfRow(columns, rank));
            int chunks = LowRankKernels.chunks(rows);

            MatrixView alone = values.fresh(rows, rank, gap);
            kernels.project(factors.d(), factors.up(), SCALE, alone, scratch);

            float[] left = values.normal(3 * 7);
            Sums given = new Sums(3, values.in(left), values.fresh(7));
            MatrixView outer = values.fresh(rows, rank, gap);
            Sums ofUp = sums(values, chunks, columns * rank);
            kernels.gradients(factors, SCALE, outer, ofUp.sums(), scratch, Optional.of(given));

            Sums ofDown = sums(values, chunks, rank * columns);
            kernels.gradient(factors.d(), factors.low(), ofDown.sums(), Optional.of(ofUp));
            kernels.addUp(ofDown);

            numbers.outer().compare("the projection", values.get(alone));
            numbers.outer().compare("outer", values.get(outer));
            total(left, values.unit()).compare("what was left before", machine.downloadDoubles(given.gradient()));
            numbers.gradient(false).compare("the gradient of up", machine.downloadDoubles(ofUp.gradient()));
            numbers.gradient(true).compare("the gradient of down", machine.downloadDoubles(ofDown.gradient()));
        }
    }

    private static Sums sums(Values values, int chunks, int length) {
        return new Sums(chunks, values.fresh((long) chunks * length), values.fresh(length));
    }

    private static Expected total(float[] left, double unit) {
        Expected expected = new Expected(7);
        for (int i = 0; i < left.length; i++) {
            expected.add(i % 7, left[i], 3 * unit * Math.abs(left[i]));
        }
        return expected;
    }

    /** What is multiplied, and what must come out. */
    private static final class Numbers {

        final Values values;
        final int rows;
        final int columns;
        final int rank;
        final float[] d;
        final float[] up;
        final float[] low;

        Numbers(Values values, int rows, int columns, int rank) {
            this.values = values;
            this.rows = rows;
            this.columns = columns;
            this.rank = rank;
            this.d = values.normal(rows * columns);
            this.up = values.normal(rank * columns);
            this.low = values.normal(rows * rank);
        }

        Expected outer() {
            Expected expected = new Expected(rows * rank);
            for (int r = 0; r < rows; r++) {
                for (int k = 0; k < rank; k++) {
                    for (int c = 0; c < columns; c++) {
                        double product = SCALE * d[r * columns + c] * up[k * columns + c];
                        expected.add(r * rank + k, product, (columns + 3) * values.unit() * Math.abs(product));
                    }
                    expected.add(r * rank + k, 0, values.rounding(expected.value(r * rank + k)));
                }
            }
            return expected;
        }

        /** @param turned whether it is [rank, columns] */
        Expected gradient(boolean turned) {
            Expected expected = new Expected(columns * rank);
            for (int r = 0; r < rows; r++) {
                for (int k = 0; k < rank; k++) {
                    for (int c = 0; c < columns; c++) {
                        double product = (double) d[r * columns + c] * low[r * rank + k];
                        int place = turned ? k * columns + c : c * rank + k;
                        expected.add(place, product, (rows + 3) * values.unit() * Math.abs(product));
                    }
                }
            }
            return expected;
        }
    }
}
