package org.amend4j.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ghost norms against the norms of gradients that are formed; clipping against its definition; planted faults are noticed. */
class ClippingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("clipping");
    private static final int IN = 37;
    private static final int OUT = 21;
    private static final double FACTOR = 1.75;
    private static final int VOCABULARY = 4;

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(0, 1, 0, 11L),
                Arguments.of(1, 1, 0, 12L),
                Arguments.of(9, 1, 3, 13L),
                Arguments.of(1, 7, 1, 14L),
                Arguments.of(6, 5, 2, 15L));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("shapes")
    void ghostNormsAreNormsOfFormedGradients(int examples, int steps, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> norms(device, source, examples, steps, gap, seed));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("shapes")
    void weightsAndScaledRowsAreTheirDefinitions(int examples, int steps, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> clip(device, source, examples, steps, gap, seed));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    float sum = 0;",
                        "    float sum = 0;"),
                new Fault(
                        "lanes that leave a shuffle out",
                        "yy = warp_sum(yy);",
                        "if (lane < y_columns) yy = warp_sum(yy);"),
                new Fault("wrong stride", "y[(first + t) * y_stride + c]", "y[(first + t) * y_columns + c]"),
                new Fault("pairs counted once", "(t == u ? 1.0f : 2.0f)", "1.0f"),
                new Fault(
                        "last step left out", "pair < (long long)steps * steps", "pair < (long long)steps * steps - 1"),
                new Fault("not added to", "totals[example] += factor", "totals[example] = factor"),
                new Fault("last weight unwritten", "i < examples; i +=", "i < examples - 1; i +="),
                new Fault("weights above 1", "norm > bound ? bound / norm : 1.0f", "bound / norm"),
                new Fault("weights by row", "weights[row / steps]", "weights[row % steps]"),
                new Fault(
                        "written in a wrong stride",
                        "out[(long long)row * out_stride + column] = weights",
                        "out[(long long)row * columns + column] = weights"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            norms(device, source, 7, 4, 3, 31);
            clip(device, source, 7, 4, 3, 31);
        });
    }

    private static void norms(Device device, KernelSource source, int examples, int steps, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
            int rows = examples * steps;
            float[] x = values.normal(rows * IN);
            float[] y = values.normal(rows * OUT);
            float[] start = new float[examples];
            int[] tokens = new int[rows];
            for (int i = 0; i < examples; i++) {
                start[i] = values.random().nextFloat();
            }
            for (int i = 0; i < rows; i++) {
                tokens[i] = values.random().nextInt(VOCABULARY);
            }
            ClippingKernels kernels = new ClippingKernels(device, source);
            DeviceMatrix deviceX = values.in(x, rows, IN, gap);
            DeviceMatrix deviceY = values.in(y, rows, OUT, gap);
            DeviceArray products = values.in(start);
            DeviceArray sums = values.in(start);
            DeviceArray tables = values.in(start);
            kernels.addProductNorms(deviceX, deviceY, FACTOR, products, steps);
            kernels.addSumNorms(deviceY, FACTOR, sums, steps);
            kernels.addTableNorms(values.in(tokens), deviceY, FACTOR, tables, steps);
            Expected expectedProducts = new Expected(examples);
            Expected expectedSums = new Expected(examples);
            Expected expectedTables = new Expected(examples);
            for (int e = 0; e < examples; e++) {
                double[] matrix = new double[IN * OUT];
                double[] vector = new double[OUT];
                double[] table = new double[VOCABULARY * OUT];
                double sizeX = 0;
                double sizeY = 0;
                for (int t = e * steps; t < (e + 1) * steps; t++) {
                    for (int j = 0; j < OUT; j++) {
                        for (int i = 0; i < IN; i++) {
                            matrix[i * OUT + j] += (double) x[t * IN + i] * y[t * OUT + j];
                        }
                        vector[j] += y[t * OUT + j];
                        table[tokens[t] * OUT + j] += y[t * OUT + j];
                        sizeY += (double) y[t * OUT + j] * y[t * OUT + j];
                    }
                    for (int i = 0; i < IN; i++) {
                        sizeX += (double) x[t * IN + i] * x[t * IN + i];
                    }
                }
                // Terms cancel: by Cauchy and Schwarz they add up to at most sizeX sizeY, and steps sizeY without x.
                double unit = (IN + OUT + steps * steps + 16) * Values.UNIT * FACTOR;
                expectedProducts.set(e, start[e] + FACTOR * squares(matrix), unit * (1 + sizeX * sizeY));
                expectedSums.set(e, start[e] + FACTOR * squares(vector), unit * (1 + steps * sizeY));
                expectedTables.set(e, start[e] + FACTOR * squares(table), unit * (1 + steps * sizeY));
            }
            expectedProducts.compare("norms of products", values.get(products));
            expectedSums.compare("norms of sums", values.get(sums));
            expectedTables.compare("norms of tables", values.get(tables));
        }
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }

    private static void clip(Device device, KernelSource source, int examples, int steps, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
            int rows = examples * steps;
            float[] squares = new float[examples];
            for (int i = 0; i < examples; i++) {
                squares[i] = i == 3 ? -1e-9f : i == 4 ? 0 : 4 * values.random().nextFloat();
            }
            float[] y = values.normal(rows * OUT);
            DeviceArray weights = values.fresh(examples);
            DeviceMatrix scaled = values.fresh(rows, OUT, gap);
            ClippingKernels kernels = new ClippingKernels(device, source);
            kernels.clipWeights(values.in(squares), weights, 1.0);
            kernels.scaleRows(values.in(y, rows, OUT, gap), weights, scaled, steps);
            Expected expectedWeights = new Expected(examples);
            Expected expectedRows = new Expected(rows * OUT);
            for (int e = 0; e < examples; e++) {
                double weight = Math.min(1, 1 / Math.sqrt(Math.max(squares[e], 1e-30)));
                expectedWeights.set(e, weight, 4 * Values.UNIT);
                for (int i = e * steps * OUT; i < (e + 1) * steps * OUT; i++) {
                    expectedRows.set(i, weight * y[i], 6 * Values.UNIT * Math.abs(y[i]));
                }
            }
            expectedWeights.compare("weights", values.get(weights));
            expectedRows.compare("scaled rows", values.get(scaled));
        }
    }
}
