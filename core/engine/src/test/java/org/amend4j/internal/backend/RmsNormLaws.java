/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.RmsNormKernels.Gain;

/** Normalisation by root mean squares against doubles, its gradient against differences. */
public final class RmsNormLaws {

    private static final double EPSILON = 1e-3;
    private static final double DIFFERENCE_ERROR = 1e-8;

    private RmsNormLaws() {}

    public static void rmsNorm(
            Machine machine, RmsNormKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] x = values.normal(rows * columns);
            float[] gain = values.normal(columns);
            float[] dy = values.normal(rows * columns);
            for (double offset : new double[] {0, 1}) {
                MatrixView input = values.in(x, rows, columns, gap);
                MatrixView upstream = values.in(dy, rows, columns, gap);
                Gain gains = new Gain(values.in(gain), offset);
                MachineArray inverses = values.fresh(rows);
                MatrixView y = values.fresh(rows, columns, gap);
                MatrixView dx = values.fresh(rows, columns, gap);
                MachineArray products = values.fresh((long) rows * columns);
                kernels.forward(input, gains, y, inverses, EPSILON);
                kernels.gradient(upstream, input, gains, inverses, dx);
                kernels.gainProducts(upstream, input, inverses, products);
                Expected expectedY = new Expected(rows * columns);
                Expected expectedDx = new Expected(rows * columns);
                Expected expectedProducts = new Expected(rows * columns);
                for (int row = 0; row < rows; row++) {
                    double[] line = new double[columns];
                    for (int c = 0; c < columns; c++) {
                        line[c] = x[row * columns + c];
                    }
                    double[] n = normalised(line);
                    // The square is a sum of `columns` terms; 1/root is below 1/sqrt(EPSILON) < 32.
                    double unit = (columns + 16) * values.unit();
                    for (int c = 0; c < columns; c++) {
                        int i = row * columns + c;
                        expectedY.set(i, (offset + gain[c]) * n[c], unit * (1 + Math.abs(gain[c])) * Math.abs(n[c]));
                        expectedProducts.set(i, dy[i] * n[c], unit * Math.abs(dy[i] * n[c]));
                        double difference = difference(line, c, row, dy, gain, offset);
                        expectedDx.set(i, difference, 32 * 32 * unit + DIFFERENCE_ERROR);
                    }
                }
                expectedY.compare("y", values.get(y));
                expectedDx.compare("dx", values.get(dx));
                expectedProducts.compare("products", values.get(products));
            }
        }
    }

    private static double[] normalised(double... x) {
        double square = 0;
        for (double value : x) {
            square += value * value / x.length;
        }
        double[] n = new double[x.length];
        for (int c = 0; c < x.length; c++) {
            n[c] = x[c] / Math.sqrt(square + EPSILON);
        }
        return n;
    }

    /** The derivative of Σ dy·y by x_c, as a central difference, good to {@link #DIFFERENCE_ERROR}. */
    private static double difference(double[] x, int c, int row, float[] dy, float[] gain, double offset) {
        double h = 1e-5;
        double[] up = x.clone();
        double[] down = x.clone();
        up[c] += h;
        down[c] -= h;
        double[] high = normalised(up);
        double[] low = normalised(down);
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            sum += dy[row * x.length + j] * (offset + gain[j]) * (high[j] - low[j]) / (2 * h);
        }
        return sum;
    }

    /** Its whole row, forward and backward, and no other. */
    public static void notANumber(Machine machine, RmsNormKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 22)) {
            int columns = 40;
            float[] x = values.normal(2 * columns);
            x[columns + 3] = Float.NaN;
            MatrixView input = values.in(x, 2, columns, 0);
            Gain gain = Gain.of(values.in(values.normal(columns)));
            MachineArray inverses = values.fresh(2);
            MatrixView y = values.fresh(2, columns, 0);
            MatrixView dx = values.fresh(2, columns, 0);
            kernels.forward(input, gain, y, inverses, EPSILON);
            kernels.gradient(values.in(values.normal(2 * columns), 2, columns, 0), input, gain, inverses, dx);
            for (MatrixView result : List.of(y, dx)) {
                double[] got = values.get(result);
                for (int i = 0; i < got.length; i++) {
                    assertEquals(i >= columns, Double.isNaN(got[i]), "place " + i);
                }
            }
        }
    }
}
