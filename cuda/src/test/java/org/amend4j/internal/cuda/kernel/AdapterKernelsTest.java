/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.backend.ElementType.FLOAT;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Values;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout.BiasPer;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout.Strides;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums and gradients in memory that others laid out, against doubles; planted faults are noticed. */
class AdapterKernelsTest {

    private static final KernelSource SOURCE = AdapterKernels.source();
    private static final float SCALE = 0.75f;

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(1, 1, 1, 0, 41L),
                Arguments.of(1, 300, 5, 3, 42L),
                Arguments.of(300, 1, 5, 3, 43L),
                Arguments.of(37, 33, 8, 1, 44L),
                Arguments.of(37, 36, 5, 4, 46L), // aligned, four columns at once
                Arguments.of(37, 36, 5, 4, 47L),
                Arguments.of(9, 260, 4, 2, 48L),
                Arguments.of(70, 260, 4, 0, 50L),
                Arguments.of(131, 257, 3, 2, 45L));
    }

    /** Each shape with both orders of both factors, with a bias per row, per column and without one. */
    @ParameterizedTest(name = "{0} x {1}, rank {2}, gap {3}, seed {4}")
    @MethodSource("shapes")
    void aSumIsItsDefinition(int rows, int columns, int rank, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> {
            for (boolean lowInRows : new boolean[] {true, false}) {
                for (boolean upInRows : new boolean[] {true, false}) {
                    Orders orders = new Orders(lowInRows, upInRows);
                    sum(device, source, rows, columns, rank, gap, orders, Optional.of(BiasPer.ROW), seed);
                    sum(device, source, rows, columns, rank, gap, orders, Optional.of(BiasPer.COLUMN), seed);
                    sum(device, source, rows, columns, rank, gap, orders, Optional.empty(), seed);
                }
            }
        });
    }

    @ParameterizedTest(name = "{0} x {1}, rank {2}, gap {3}, seed {4}")
    @MethodSource("shapes")
    void aGradientIsItsDefinition(int rows, int columns, int rank, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> {
            rectifier(device, source, rows, columns, gap, 0.5f, seed);
            rectifier(device, source, rows, columns, gap, Float.POSITIVE_INFINITY, seed);
        });
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "no barrier after loading the tile",
                        "        __syncthreads();\n        if (in_fours) {",
                        "        if (in_fours) {"),
                new Fault(
                        "no barrier before the next tile",
                        "        __syncthreads();  // the tile is written again\n",
                        ""),
                new Fault("wrong stride of low", "(long long)k * low_column", "(long long)k"),
                new Fault("wrong stride of up", "(long long)column * up_column", "(long long)column"),
                new Fault(
                        "wrong stride of y",
                        "y[(long long)(first + row) * y_stride + column] +=",
                        "y[(long long)(first + row) * columns + column] +="),
                new Fault("overwritten instead of added", "+= scale * sums[row]", "= scale * sums[row]"),
                new Fault("the scale forgotten", "scale * sums[row]", "sums[row]"),
                new Fault("the bias of the first row of a tile", "row_bias[first + row]", "row_bias[first]"),
                new Fault("the bias of the rows forgotten", "row_bias ? row_bias[first + row] : shift", "shift"),
                new Fault("the bias of the columns forgotten", "column_bias ? column_bias[column] : 0.0f", "0.0f"),
                new Fault("unwritten tail of rows", "if (row < count) {", "if (row < count - 1) {"),
                new Fault("written behind the last row", "if (row < count) {", "if (row < TILE) {"),
                new Fault("rows of the first grid only", "first += gridDim.y * TILE", "first += rows"),
                new Fault("the second row of two forgotten", "first + line + 1 < rows ? 1 : 0", "0"),
                new Fault("a row behind the last", "first + line + 1 < rows ? 1 : 0", "1"),
                new Fault("the first row twice", "tile[(line + 1) * rank + k]", "tile[line * rank + k]"),
                new Fault("four overwritten", "add4(load4(place), add_product4(more", "(add_product4(more"),
                new Fault("four biases of the first row", "row_bias[row]", "row_bias[first]"),
                new Fault("columns of the first thread only", "thread % quads * 4", "0"),
                new Fault("every row from the first on", "blockIdx.y * lines + thread / quads", "blockIdx.y * lines"),
                new Fault("the fourth of four as the third", "rectified(v.w, most, d.w)", "rectified(v.z, most, d.z)"),
                new Fault("gradient of zero", "value > 0.0f && value", "value >= 0.0f && value"),
                new Fault("gradient at saturation", "value < most", "value <= most"),
                new Fault(
                        "gradient without its last row",
                        "row < rows; row += gridDim.y) {",
                        "row < rows - 1; row += gridDim.y) {"));
    }

    @ParameterizedTest(name = "{0}, seed 51")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, (device, source) -> {
            Orders orders = new Orders(false, false);
            sum(device, source, 70, 37, 5, 3, orders, Optional.of(BiasPer.ROW), 51);
            sum(device, source, 70, 37, 5, 3, orders, Optional.of(BiasPer.COLUMN), 51);
            // more rows than blocks can take at once, so that blocks come back for another tile
            sum(device, source, 4096 * 8 + 40, 2, 2, 0, orders, Optional.empty(), 51);
            rectifier(device, source, 70, 37, 3, 0.5f, 51);
            sum(device, source, 37, 36, 5, 4, orders, Optional.of(BiasPer.ROW), 52);
            sum(device, source, 37, 36, 5, 4, new Orders(true, true), Optional.of(BiasPer.ROW), 52);
            rectifier(device, source, 70, 36, 4, 0.5f, 52);
        });
    }

    /** Whether the rows of each factor are contiguous, or its columns. */
    private record Orders(boolean lowInRows, boolean upInRows) {}

    private static void sum(
            Device device,
            KernelSource source,
            int rows,
            int columns,
            int rank,
            int gap,
            Orders orders,
            Optional<BiasPer> bias,
            long seed) {
        try (Values values = new Values(device, FLOAT, seed)) {
            float[] before = values.normal(rows * columns);
            float[] low = values.normal(rows * rank);
            float[] up = values.normal(rank * columns);
            float[] shift = values.normal(bias.equals(Optional.of(BiasPer.ROW)) ? rows : columns);
            MatrixView y = values.in(before, rows, columns, gap);
            AdapterSumLayout layout = new AdapterSumLayout(
                    rows,
                    columns,
                    rank,
                    y.stride(),
                    orders.lowInRows() ? new Strides(rank, 1) : new Strides(1, rows),
                    orders.upInRows() ? new Strides(columns, 1) : new Strides(1, rank),
                    bias.orElse(BiasPer.COLUMN));
            new AdapterKernels(device, source)
                    .add(
                            y.array().slice(0, layout.extent()),
                            values.in(ordered(low, rows, rank, orders.lowInRows())),
                            values.in(ordered(up, rank, columns, orders.upInRows())),
                            SCALE,
                            bias.map(per -> values.in(shift)),
                            layout);
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            for (int i = 0; i < expected.length; i++) {
                int row = i / columns;
                int column = i % columns;
                double more = bias.map(per -> (double) shift[per == BiasPer.ROW ? row : column])
                        .orElse(0.0);
                expected[i] = before[i] + more;
                double size = Math.abs(before[i]) + Math.abs(more);
                for (int k = 0; k < rank; k++) {
                    double term = (double) SCALE * low[row * rank + k] * up[k * columns + column];
                    expected[i] += term;
                    size += Math.abs(term);
                }
                // rank products and sums, the scale and two more sums of terms that add up to size
                tolerance[i] = (2 * rank + 3) * values.unit() * size;
            }
            Values.assertClose("y", expected, tolerance, values.get(y));
        }
    }

    /** A matrix given by rows, by rows or by columns. */
    private static float[] ordered(float[] matrix, int rows, int columns, boolean inRows) {
        float[] result = new float[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            int row = i / columns;
            int column = i % columns;
            result[inRows ? i : column * rows + row] = matrix[i];
        }
        return result;
    }

    private static void rectifier(
            Device device, KernelSource source, int rows, int columns, int gap, float most, long seed) {
        try (Values values = new Values(device, FLOAT, seed)) {
            float[] activations = values.normal(rows * columns);
            for (int i = 0; i < activations.length; i++) {
                activations[i] = Math.min(Math.max(activations[i], 0), most);
            }
            float[] upstream = values.normal(rows * columns);
            MatrixView gradient = values.fresh(rows, columns, gap + 4);
            new AdapterKernels(device, source)
                    .rectifierGradient(
                            values.in(activations, rows, columns, gap),
                            values.in(upstream, rows, columns, gap + 8),
                            most,
                            gradient);
            double[] expected = new double[rows * columns];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = activations[i] > 0 && activations[i] < most ? upstream[i] : 0;
            }
            Values.assertClose("gradient", expected, new double[rows * columns], values.get(gradient));
        }
    }
}
