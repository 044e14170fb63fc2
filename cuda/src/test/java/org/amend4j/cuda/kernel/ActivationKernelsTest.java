/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.ActivationKernels;
import org.amend4j.machine.ActivationKernels.ColumnSums;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.Activation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Activations, the adapter's epilogue and gradients against doubles; planted faults are noticed. */
class ActivationKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("activation");
    private static final int RANK = 5;
    private static final double SCALE = 0.75;

    /** Elementary functions are good to a few units; derivatives of ours are below 2, values below 8 here. */
    private static final double FUNCTION_ERROR = 32 * Values.UNIT;

    @OverMatrices
    void anAdapterEpilogueIsItsDefinition(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE, (device, source) -> epilogue(device, source, rows, columns, gap, seed, Activation.Kind.TANH));
    }

    @OverMatrices
    void aGradientAndItsColumnSumsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE, (device, source) -> gradient(device, source, rows, columns, gap, seed, Activation.Kind.SWISH));
    }

    @ParameterizedTest(name = "{0}, seed 21")
    @EnumSource(Activation.Kind.class)
    void everyActivationAndItsDerivativeAreTheirDefinitions(Activation.Kind kind) {
        Caught.holds(SOURCE, (device, source) -> {
            plain(device, source, 19, 45, 1, 21, kind);
            epilogue(device, source, 19, 45, 1, 21, kind);
            gradient(device, source, 19, 45, 1, 21, kind);
        });
    }

    @ParameterizedTest(name = "{0}, seed 24")
    @EnumSource(Activation.Kind.class)
    void aNaNStaysOneForwardAndBackward(Activation.Kind kind) {
        Caught.holds(SOURCE, (device, source) -> notANumber(device, source, kind));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "a rectifier that forgets NaN", "return z <= 0.0f ? 0.0f : z;", "return z > 0.0f ? z : 0.0f;"),
                new Fault(
                        "bounds that forget NaN",
                        "return z <= least ? least : z >= most ? most : z;",
                        "return fminf(most, fmaxf(least, z));"),
                new Fault("a derivative that forgets NaN", "if (z != z) {", "if (false) {"),
                new Fault(
                        "no barrier after loading the tile",
                        "        __syncthreads();\n        if (column < columns) {",
                        "        if (column < columns) {"),
                new Fault(
                        "no barrier before the next tile",
                        "        __syncthreads();  // the tile is written again\n",
                        ""),
                new Fault(
                        "barrier that some threads miss",
                        "        __syncthreads();  // the tile is written again\n",
                        "        if (column < columns) __syncthreads();\n"),
                new Fault(
                        "wrong stride of the output",
                        "out[(long long)row * out_stride + column] = activate",
                        "out[(long long)row * columns + column] = activate"),
                new Fault(
                        "wrong stride of B",
                        "up[(long long)k * up_stride + column]",
                        "up[(long long)k * columns + column]"),
                new Fault("unwritten tail of rows", "if (row < count) {", "if (row < count - 1) {"),
                new Fault(
                        "unwritten tail of columns",
                        "column < columns; column += gridDim.x",
                        "column < columns - 1; column += gridDim.x"),
                new Fault("written behind the last row", "if (row < count) {", "if (row < TILE) {"),
                new Fault(
                        "sum without the last row of a chunk",
                        "row < end; row++) {\n        float d",
                        "row < end - 1; row++) {\n        float d"),
                new Fault("column sums of one chunk", "chunk < chunks; chunk++", "chunk < 1; chunk++"),
                new Fault("old sums read without beta", "beta == 0.0f ? sum : beta", "beta"),
                new Fault("old sums forgotten", "beta == 0.0f ? sum : beta * sums[column] + sum", "sum"),
                new Fault("beta forgotten", "beta * sums[column] + sum", "sums[column] + sum"),
                new Fault("derivative of the value", "return 1.0f - t * t;", "return 1.0f - t;"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            plain(device, source, 70, 37, 3, 31, Activation.Kind.TANH);
            epilogue(device, source, 70, 37, 3, 31, Activation.Kind.TANH);
            wideGrid(device, source);
            gradient(device, source, 150, 37, 3, 31, Activation.Kind.TANH);
            for (Activation.Kind kind : Activation.Kind.values()) {
                notANumber(device, source, kind);
            }
        });
    }

    /** More rows than blocks can take at once, so that blocks come back for another tile. */
    private static void wideGrid(Device device, KernelSource source) {
        epilogue(device, source, 4096 * 8 + 40, 2, 0, 31, Activation.Kind.RELU);
    }

    private static void plain(
            Device device, KernelSource source, int rows, int columns, int gap, long seed, Activation.Kind kind) {
        try (Values values = new Values(device, seed)) {
            float[] product = values.normal(rows * columns);
            float[] bias = values.normal(columns);
            MatrixView pre = values.fresh(rows, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            new CudaActivation(device, source)
                    .biasActivation(
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
                tolerance[i] = FUNCTION_ERROR * (1 + Math.abs(z[i]));
            }
            Values.assertClose("pre", z, tolerance, values.get(pre));
            Values.assertClose("out", expected, tolerance, values.get(out));
        }
    }

    private static void epilogue(
            Device device, KernelSource source, int rows, int columns, int gap, long seed, Activation.Kind kind) {
        try (Values values = new Values(device, seed)) {
            float[] product = values.normal(rows * columns);
            float[] low = values.normal(rows * RANK);
            float[] up = values.normal(RANK * columns);
            float[] bias = values.normal(columns);
            MatrixView pre = values.fresh(rows, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            new CudaActivation(device, source)
                    .adapterEpilogue(
                            values.in(product, rows, columns, gap),
                            new ActivationKernels.LowRank(
                                    values.in(low, rows, RANK, gap), values.in(up, RANK, columns, gap), SCALE),
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
                tolerance[i] = 2 * (RANK + 3) * Values.UNIT * size + FUNCTION_ERROR * (1 + Math.abs(z[i]));
            }
            Values.assertClose("pre", z, tolerance, values.get(pre));
            Values.assertClose("out", expected, tolerance, values.get(out));
        }
    }

    private static void gradient(
            Device device, KernelSource source, int rows, int columns, int gap, long seed, Activation.Kind kind) {
        try (Values values = new Values(device, seed)) {
            float[] upstream = values.normal(rows * columns);
            float[] pre = values.normal(rows * columns);
            float[] old = values.normal(columns);
            MatrixView delta = values.fresh(rows, columns, gap);
            MachineArray sums = values.fresh(columns);
            MachineArray added = values.in(old);
            MachineArray plain = values.in(old);
            MachineArray scratch = values.fresh(ActivationKernels.sumsScratch(rows, columns));
            ActivationKernels kernels = new CudaActivation(device, source);
            MatrixView deviceUpstream = values.in(upstream, rows, columns, gap);
            MatrixView devicePre = values.in(pre, rows, columns, gap);
            Activation activation = Activation.of(kind);
            for (ColumnSums wanted : List.of(new ColumnSums(sums, scratch, 0), new ColumnSums(added, scratch, 1))) {
                kernels.gradient(deviceUpstream, devicePre, delta, Optional.of(wanted), activation);
            }
            kernels.columnSums(deviceUpstream, plain, scratch, -0.5);
            double[] expected = new double[rows * columns];
            double[] tolerance = new double[rows * columns];
            Expected toSums = new Expected(columns);
            Expected toAdded = new Expected(columns);
            Expected toPlain = new Expected(columns);
            for (int c = 0; c < columns; c++) {
                toAdded.set(c, old[c], Values.UNIT * Math.abs(old[c]));
                toPlain.set(c, -0.5 * old[c], Values.UNIT * Math.abs(old[c]));
            }
            for (int i = 0; i < expected.length; i++) {
                expected[i] = upstream[i] * Reference.derivative(activation, pre[i]);
                tolerance[i] = FUNCTION_ERROR * Math.abs(upstream[i]);
                double ofSum = tolerance[i] + (rows + 1) * Values.UNIT * Math.abs(expected[i]);
                toSums.add(i % columns, expected[i], ofSum);
                toAdded.add(i % columns, expected[i], ofSum);
                toPlain.add(i % columns, upstream[i], (rows + 1) * Values.UNIT * Math.abs(upstream[i]));
            }
            Values.assertClose("delta", expected, tolerance, values.get(delta));
            toSums.compare("sums", values.get(sums));
            toAdded.compare("sums added to", values.get(added));
            toPlain.compare("sums without an activation", values.get(plain));
        }
    }

    /** A NaN before the activation or behind it is one wherever it gets to, and nowhere else. */
    private static void notANumber(Device device, KernelSource source, Activation.Kind kind) {
        try (Values values = new Values(device, 24)) {
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
            ActivationKernels kernels = new CudaActivation(device, source);
            kernels.biasActivation(pre, Optional.empty(), Optional.empty(), out, activation);
            kernels.adapterEpilogue(
                    pre,
                    new ActivationKernels.LowRank(
                            values.in(new float[rows], rows, 1, 0), values.in(new float[columns], 1, columns, 0), 1),
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

    private static void assertOnlyNaN(String what, float[] values, int... places) {
        int[] found = IntStream.range(0, values.length)
                .filter(i -> Float.isNaN(values[i]))
                .toArray();
        assertArrayEquals(places, found, what);
    }

    @Test
    void scratchForMoreRowsIsEnoughForFewer() {
        for (int rows = 1; rows < 200_000; rows += 61) {
            long fewer = ActivationKernels.sumsScratch(rows - 1, 3);
            assertTrue(fewer <= ActivationKernels.sumsScratch(rows, 3), "rows " + rows);
        }
        assertEquals(1024 * 7, ActivationKernels.sumsScratch(Integer.MAX_VALUE, 7));
    }

    /** The most chunks there are: 64 rows each, and then longer ones. */
    @ParameterizedTest(name = "{0} rows, seed 22")
    @ValueSource(ints = {1024 * 64, 1024 * 64 + 1})
    void theSumsOfTallMatricesFitInTheirScratch(int rows) {
        Caught.holds(SOURCE, (device, source) -> {
            gradient(device, source, rows, 1, 0, 22, Activation.Kind.RELU);
        });
    }

    @Test
    void tooLittleScratchIsRefused() {
        try (Device device = EmulatedDevices.plain();
                Values values = new Values(device, 23)) {
            MatrixView matrix = values.in(new float[65 * 3], 65, 3, 0);
            ActivationKernels kernels = new CudaActivation(device, SOURCE);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> kernels.columnSums(matrix, values.fresh(3), values.fresh(5), 0))
                    .getMessage();
            assertTrue(message.contains("scratch must hold at least 6 numbers, got FLOAT[5]"), message);
        }
    }
}
