/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amend4j.backend.ElementType;

/** Norms of adapted columns against those of the formed sum, also where factors cancel a column. */
public final class ColumnNormLaws {

    private static final double SCALE = 2;

    private ColumnNormLaws() {}

    /**
     * Scales and reciprocal norms.
     *
     * @param kept what the factors leave of the first column and of every third one behind it: 1 leaves all, 0 nothing
     */
    public static void scales(
            Machine machine,
            ColumnNormKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int rank,
            double kept,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] a = values.normal(rank * rows);
            float[] b = values.normal(rank * columns);
            float[] weight = weight(values, a, b, rows, columns, rank, kept);
            float[] magnitude = values.normal(columns);
            MachineArray scales = values.fresh(columns);
            MachineArray reciprocals = values.fresh(columns);
            kernels.scales(parts(values, weight, a, b, rows, columns, rank), values.in(magnitude), scales, reciprocals);
            Expected expectedScales = new Expected(columns);
            Expected expectedReciprocals = new Expected(columns);
            for (int j = 0; j < columns; j++) {
                Column column = column(weight, a, b, rows, columns, j);
                double norm = column.norm();
                double inverse = norm == 0 ? 0 : 1 / norm;
                double relative = column.relativeError(rows, rank, values.unit());
                expectedReciprocals.set(j, inverse, 2 * relative * inverse);
                expectedScales.set(j, magnitude[j] * inverse, 2 * relative * inverse * Math.abs(magnitude[j]));
            }
            expectedReciprocals.compare("1/c", values.get(reciprocals));
            expectedScales.compare("m/c", values.get(scales));
        }
    }

    /** A matrix [columns, rows], some of whose rows are what the factors add, up to a share. */
    private static float[] weight(Values values, float[] a, float[] b, int rows, int columns, int rank, double kept) {
        float[] weight = values.normal(columns * rows);
        for (int j = 0; j < columns; j += 3) {
            for (int i = 0; i < rows; i++) {
                double added = 0;
                for (int k = 0; k < rank; k++) {
                    added += SCALE * a[k * rows + i] * b[k * columns + j];
                }
                weight[j * rows + i] = (float) (kept * weight[j * rows + i] - (1 - kept) * added);
            }
        }
        return weight;
    }

    private static ColumnNormKernels.Parts parts(
            Values values, float[] weight, float[] a, float[] b, int rows, int columns, int rank) {
        double[] low = new double[rank * columns];
        double[] gram = new double[rank * rank];
        double[] squares = new double[columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double w = weight[j * rows + i];
                squares[j] += w * w;
                for (int k = 0; k < rank; k++) {
                    low[k * columns + j] += a[k * rows + i] * w;
                }
            }
            for (int k = 0; k < rank; k++) {
                for (int l = 0; l < rank; l++) {
                    gram[k * rank + l] += (double) a[k * rows + i] * a[l * rows + i];
                }
            }
        }
        return new ColumnNormKernels.Parts(
                values.in(weight),
                values.in(a),
                values.in(b),
                values.in(low),
                values.in(gram),
                values.in(squares),
                SCALE);
    }

    /**
     * A formed column.
     *
     * @param parts the squares of its two parts, added up
     * @param terms the squares of all its elements' terms, which are not cancelled
     */
    private record Column(double norm, double parts, double terms) {

        /** What roundings may make of its norm, relatively. A formed column errs by its elements', a sum by its terms', under a root. */
        double relativeError(int rows, int rank, double unit) {
            if (norm == 0) {
                return 0;
            }
            double formed = (rank + 3) * unit * Math.sqrt(terms) / norm + rows * unit;
            double summed = (rows + rank * rank + 8) * unit * terms / (norm * norm) / 2;
            boolean mayBeSummed = norm * norm > ColumnNormKernels.LEFT / 2 * parts;
            return mayBeSummed ? Math.max(formed, summed) : formed;
        }
    }

    private static Column column(float[] weight, float[] a, float[] b, int rows, int columns, int j) {
        int rank = a.length / rows;
        double square = 0;
        double parts = 0;
        double terms = 0;
        for (int i = 0; i < rows; i++) {
            double w = weight[j * rows + i];
            double added = 0;
            double sizes = Math.abs(w);
            for (int k = 0; k < rank; k++) {
                double term = SCALE * a[k * rows + i] * b[k * columns + j];
                added += term;
                sizes += Math.abs(term);
            }
            terms += sizes * sizes;
            square += (w + added) * (w + added);
            parts += w * w + added * added;
        }
        return new Column(Math.sqrt(square), parts, terms);
    }

    /** Nothing is divided by it. */
    public static void columnOfZeros(Machine machine, ColumnNormKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 23)) {
            MachineArray scales = values.fresh(2);
            MachineArray reciprocals = values.fresh(2);
            float[] none = new float[2];
            kernels.scales(
                    parts(values, new float[] {0, 0, 0, 3, 0, 4}, new float[3], none, 3, 2, 1),
                    values.in(new float[] {5, 5}),
                    scales,
                    reciprocals);
            double[] got = values.get(scales);
            assertEquals(0, got[0]);
            assertEquals(1, got[1], 4 * values.unit());
            assertEquals(0, values.get(reciprocals)[0]);
        }
    }
}
