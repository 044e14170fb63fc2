/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;

/** Layer normalisation against doubles, its gradient against differences. */
public final class LayerNormLaws {

    private static final double EPSILON = 1e-3;
    private static final double DIFFERENCE_ERROR = 1e-8;

    private LayerNormLaws() {}

    public static void layerNorm(
            Machine machine, LayerNormKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] x = values.normal(rows * columns);
            float[] gain = values.normal(columns);
            float[] bias = values.normal(columns);
            float[] dy = values.normal(rows * columns);
            MatrixView input = values.in(x, rows, columns, gap);
            MatrixView upstream = values.in(dy, rows, columns, gap);
            MachineArray gains = values.in(gain);
            LayerNormKernels.Statistics statistics =
                    new LayerNormKernels.Statistics(values.fresh(rows), values.fresh(rows));
            MatrixView y = values.fresh(rows, columns, gap);
            MatrixView dx = values.fresh(rows, columns, gap);
            MachineArray products = values.fresh((long) rows * columns);
            kernels.forward(input, gains, Optional.of(values.in(bias)), y, statistics, EPSILON);
            if (columns > 0) {
                kernels.gradient(upstream, input, gains, statistics, dx);
                kernels.gainProducts(upstream, input, statistics, products);
            }
            Expected expectedY = new Expected(rows * columns);
            Expected expectedDx = new Expected(rows * columns);
            Expected expectedProducts = new Expected(rows * columns);
            for (int row = 0; row < rows && columns > 0; row++) {
                double[] line = new double[columns];
                for (int c = 0; c < columns; c++) {
                    line[c] = x[row * columns + c];
                }
                double[] n = normalised(line);
                // The mean and the variance are sums of `columns` terms; 1/deviation is below 1/sqrt(EPSILON) < 32.
                double unit = (columns + 16) * values.unit() * 32;
                for (int c = 0; c < columns; c++) {
                    int i = row * columns + c;
                    expectedY.set(i, gain[c] * n[c] + bias[c], unit * (Math.abs(gain[c]) * 2 + Math.abs(bias[c])));
                    expectedProducts.set(i, dy[i] * n[c], 2 * unit * Math.abs(dy[i]));
                    expectedDx.set(i, difference(line, c, row, dy, gain), 32 * unit + DIFFERENCE_ERROR);
                }
            }
            expectedY.compare("y", values.get(y));
            expectedDx.compare("dx", values.get(dx));
            expectedProducts.compare("products", values.get(products));
        }
    }

    private static double[] normalised(double[] x) {
        double mean = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] n = new double[x.length];
        for (int c = 0; c < x.length; c++) {
            n[c] = (x[c] - mean) / Math.sqrt(variance + EPSILON);
        }
        return n;
    }

    /** The derivative of Σ dy·y by x_c, as a central difference, good to {@link #DIFFERENCE_ERROR}. */
    private static double difference(double[] x, int c, int row, float[] dy, float[] gain) {
        double h = 1e-5;
        double[] up = x.clone();
        double[] down = x.clone();
        up[c] += h;
        down[c] -= h;
        double[] high = normalised(up);
        double[] low = normalised(down);
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            sum += (double) dy[row * x.length + j] * gain[j] * (high[j] - low[j]) / (2 * h);
        }
        return sum;
    }

    /** Its whole row, forward and backward, and no other. */
    public static void notANumber(Machine machine, LayerNormKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 22)) {
            int columns = 40;
            float[] x = values.normal(2 * columns);
            x[columns + 3] = Float.NaN;
            MatrixView input = values.in(x, 2, columns, 0);
            MachineArray gains = values.in(values.normal(columns));
            LayerNormKernels.Statistics statistics = new LayerNormKernels.Statistics(values.fresh(2), values.fresh(2));
            MatrixView y = values.fresh(2, columns, 0);
            MatrixView dx = values.fresh(2, columns, 0);
            kernels.forward(input, gains, Optional.empty(), y, statistics, EPSILON);
            kernels.gradient(values.in(values.normal(2 * columns), 2, columns, 0), input, gains, statistics, dx);
            for (MatrixView result : List.of(y, dx)) {
                double[] got = values.get(result);
                for (int i = 0; i < got.length; i++) {
                    assertEquals(i >= columns, Double.isNaN(got[i]), "place " + i);
                }
            }
        }
    }
}
