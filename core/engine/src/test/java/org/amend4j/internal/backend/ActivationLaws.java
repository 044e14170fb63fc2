/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ActivationKernels.ColumnSums;
import org.amend4j.internal.network.Activation;

/** Activations, the adapter's epilogue and gradients against doubles. */
public final class ActivationLaws {

    private static final int RANK = 5;
    private static final double SCALE = 0.75;

    private ActivationLaws() {}

    /** Elementary functions are good to a few units; derivatives of ours are below 2, values below 8 here. */
    private static final double FUNCTION_UNITS = 32;

    public static void plain(
            Machine machine,
            ActivationKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            long seed,
            Activation.Kind kind) {
        try (Values values = new Values(machine, type, seed)) {
            float[] product = values.normal(rows * columns);
            float[] bias = values.normal(columns);
            MatrixView pre = values.fresh(rows, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.biasActivation(
                    values.in(product, rows, columns, gap),
                    Optional.of(values.in(bias)),
                    Optional.of(pre),
                    out,
                    Activation.of(kind));
            double[] z = new double[rows * columns];
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            for (int i = 0; i < z.length; i++) {
                z[i] = (double) product[i] + bias[i % columns];
                expected[i] = Reference.activate(Activation.of(kind), z[i]);
                tolerance[i] = FUNCTION_UNITS * values.unit() * (1 + Math.abs(z[i]))
                        + values.rounding(Math.max(Math.abs(z[i]), Math.abs(expected[i])));
            }
            Values.assertClose("pre", z, tolerance, values.get(pre));
            Values.assertClose("out", expected, tolerance, values.get(out));
        }
    }

    public static void epilogue(
            Machine machine,
            ActivationKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            long seed,
            Activation.Kind kind) {
        try (Values values = new Values(machine, type, seed)) {
            float[] product = values.normal(rows * columns);
            float[] low = values.normal(rows * RANK);
            float[] up = values.normal(RANK * columns);
            float[] bias = values.normal(columns);
            MatrixView pre = values.fresh(rows, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.adapterEpilogue(
                    values.in(product, rows, columns, gap),
                    new ActivationKernels.LowRank(
                            values.factor(low, rows, RANK, gap), values.factor(up, RANK, columns, gap), SCALE),
                    Optional.of(values.in(bias)),
                    Optional.of(pre),
                    out,
                    Activation.of(kind));
            double[] z = new double[rows * columns];
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            for (int i = 0; i < z.length; i++) {
                double size = Math.abs(product[i]) + Math.abs(bias[i % columns]);
                z[i] = (double) product[i] + bias[i % columns];
                for (int k = 0; k < RANK; k++) {
                    double term = SCALE * low[i / columns * RANK + k] * up[k * columns + i % columns];
                    z[i] += term;
                    size += Math.abs(term);
                }
                expected[i] = Reference.activate(Activation.of(kind), z[i]);
                // RANK + 3 roundings of terms that add up to size, then a function with slope below 2
                tolerance[i] = 2 * (RANK + 3) * values.unit() * size
                        + FUNCTION_UNITS * values.unit() * (1 + Math.abs(z[i]))
                        + values.rounding(Math.max(Math.abs(z[i]), Math.abs(expected[i])));
            }
            Values.assertClose("pre", z, tolerance, values.get(pre));
            Values.assertClose("out", expected, tolerance, values.get(out));
        }
    }

    public static void gradient(
            Machine machine,
            ActivationKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            long seed,
            Activation.Kind kind) {
        try (Values values = new Values(machine, type, seed)) {
            float[] upstream = values.normal(rows * columns);
            float[] pre = values.normal(rows * columns);
            float[] old = values.normal(columns);
            MatrixView delta = values.fresh(rows, columns, gap);
            MachineArray sums = values.fresh(columns);
            MachineArray added = values.in(old);
            MachineArray plain = values.in(old);
            MachineArray scratch = values.fresh(ActivationKernels.sumsScratch(rows, columns));
            MatrixView onUpstream = values.in(upstream, rows, columns, gap);
            MatrixView onPre = values.in(pre, rows, columns, gap);
            Activation activation = Activation.of(kind);
            for (ColumnSums wanted : List.of(new ColumnSums(sums, scratch, 0), new ColumnSums(added, scratch, 1))) {
                kernels.gradient(onUpstream, onPre, delta, Optional.of(wanted), activation);
            }
            kernels.columnSums(onUpstream, plain, scratch, -0.5);
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            Expected toSums = new Expected(columns);
            Expected toAdded = new Expected(columns);
            Expected toPlain = new Expected(columns);
            for (int c = 0; c < columns; c++) {
                toAdded.set(c, old[c], values.unit() * Math.abs(old[c]));
                toPlain.set(c, -0.5 * old[c], values.unit() * Math.abs(old[c]));
            }
            for (int i = 0; i < expected.length; i++) {
                expected[i] = upstream[i] * Reference.derivative(activation, pre[i]);
                double ofDelta = (FUNCTION_UNITS * values.unit() + Reference.DERIVATIVE_ERROR) * Math.abs(upstream[i]);
                tolerance[i] = ofDelta + values.rounding(expected[i]); // sums are not of rounded numbers
                double ofSum = ofDelta + (rows + 1) * values.unit() * Math.abs(expected[i]);
                toSums.add(i % columns, expected[i], ofSum);
                toAdded.add(i % columns, expected[i], ofSum);
                toPlain.add(i % columns, upstream[i], (rows + 1) * values.unit() * Math.abs(upstream[i]));
            }
            Values.assertClose("delta", expected, tolerance, values.get(delta));
            toSums.compare("sums", values.get(sums));
            toAdded.compare("sums added to", values.get(added));
            toPlain.compare("sums without an activation", values.get(plain));
        }
    }

    public static void adapterGradient(
            Machine machine,
            ActivationKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            long seed,
            Activation.Kind kind) {
        try (Values values = new Values(machine, type, seed)) {
            float[] upstream = values.normal(rows * columns);
            float[] low = values.normal(rows * RANK);
            float[] up = values.normal(RANK * columns);
            float[] pre = values.normal(rows * columns);
            MatrixView delta = values.in(upstream, rows, columns, gap);
            MachineArray sums = values.fresh(columns);
            MachineArray scratch = values.fresh(ActivationKernels.sumsScratch(rows, columns));
            Activation activation = Activation.of(kind);
            kernels.adapterGradient(
                    delta,
                    new ActivationKernels.LowRank(
                            values.factor(low, rows, RANK, gap), values.factor(up, RANK, columns, gap), SCALE),
                    values.in(pre, rows, columns, gap),
                    delta,
                    Optional.of(new ColumnSums(sums, scratch, 0)),
                    activation);
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            Expected toSums = new Expected(columns);
            for (int i = 0; i < expected.length; i++) {
                double sum = upstream[i];
                double size = Math.abs(upstream[i]);
                for (int k = 0; k < RANK; k++) {
                    double term = SCALE * low[i / columns * RANK + k] * up[k * columns + i % columns];
                    sum += term;
                    size += Math.abs(term);
                }
                expected[i] = sum * Reference.derivative(activation, pre[i]);
                // RANK + 3 roundings of terms that add up to size, then a product with a derivative below 2
                double ofDelta = 2 * (RANK + 3) * values.unit() * size
                        + (FUNCTION_UNITS * values.unit() + Reference.DERIVATIVE_ERROR) * Math.abs(sum);
                tolerance[i] = ofDelta + values.rounding(expected[i]);
                toSums.add(i % columns, expected[i], ofDelta + (rows + 1) * values.unit() * Math.abs(expected[i]));
            }
            Values.assertClose("delta", expected, tolerance, values.get(delta));
            toSums.compare("sums", values.get(sums));
        }
    }

    /** sums = β·sums + Σ_rows; without β what was there is not read. */
    public static void columnSums(
            Machine machine,
            ActivationKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            double beta,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] x = values.normal(rows * columns);
            float[] old = values.normal(columns);
            MachineArray sums = beta == 0 ? values.fresh(columns) : values.in(old);
            MachineArray scratch = values.fresh(ActivationKernels.sumsScratch(rows, columns));
            kernels.columnSums(values.in(x, rows, columns, gap), sums, scratch, beta);
            Expected expected = new Expected(columns);
            for (int c = 0; c < columns; c++) {
                double before = beta * old[c];
                expected.add(c, before, 2 * values.unit() * Math.abs(before));
            }
            for (int i = 0; i < x.length; i++) {
                expected.add(i % columns, x[i], (rows + 1) * values.unit() * Math.abs(x[i]));
            }
            expected.compare("sums", values.get(sums));
        }
    }

    /** A NaN before the activation or behind it is one wherever it gets to, and nowhere else. */
    public static void notANumber(Machine machine, ActivationKernels kernels, ElementType type, Activation.Kind kind) {
        try (Values values = new Values(machine, type, 24)) {
            int columns = 5;
            int rows = 3;
            Activation activation = Activation.of(kind);
            float[] z = values.normal(rows * columns);
            float[] upstream = values.normal(rows * columns);
            z[7] = Float.NaN;
            MatrixView pre = values.in(z, rows, columns, 0);
            MatrixView out = values.fresh(rows, columns, 0);
            MatrixView fused = values.fresh(rows, columns, 0);
            MatrixView delta = values.fresh(rows, columns, 0);
            MatrixView back = values.fresh(rows, columns, 0);
            MachineArray sums = values.fresh(columns);
            MachineArray scratch = values.fresh(ActivationKernels.sumsScratch(rows, columns));
            kernels.biasActivation(pre, Optional.empty(), Optional.empty(), out, activation);
            kernels.adapterEpilogue(
                    pre,
                    new ActivationKernels.LowRank(
                            values.factor(new float[rows], rows, 1, 0),
                            values.factor(new float[columns], 1, columns, 0),
                            1),
                    Optional.empty(),
                    Optional.empty(),
                    fused,
                    activation);
            assertOnlyNaN("out", values.get(out), 7);
            assertOnlyNaN("out of the epilogue", values.get(fused), 7);
            if (kind != Activation.Kind.IDENTITY) { // whose pre-activation nobody reads
                ColumnSums wanted = new ColumnSums(sums, scratch, 0);
                kernels.gradient(values.in(upstream, rows, columns, 0), pre, delta, Optional.of(wanted), activation);
                assertOnlyNaN("delta", values.get(delta), 7);
                assertOnlyNaN("sums", values.get(sums), 2);
            }
            upstream[0] = Float.NaN;
            upstream[7] = Float.NaN;
            kernels.gradient(values.in(upstream, rows, columns, 0), pre, back, Optional.empty(), activation);
            assertOnlyNaN("delta of NaN", values.get(back), 0, 7);
        }
    }

    private static void assertOnlyNaN(String what, double[] values, int... places) {
        int[] found = IntStream.range(0, values.length)
                .filter(i -> Double.isNaN(values[i]))
                .toArray();
        assertArrayEquals(places, found, what);
    }

    public static void tooLittleScratch(Machine machine, ActivationKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 23)) {
            MatrixView matrix = values.in(new float[65 * 3], 65, 3, 0);
            refused(
                    "scratch must hold at least 6 numbers, got " + type + "[5]",
                    () -> kernels.columnSums(matrix, values.fresh(3), values.fresh(5), 0));
        }
    }
}
