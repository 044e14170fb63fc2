/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products row by row: what they compute, and that a row's bytes are its own. */
class RowProductTest {

    private static final int ROWS = 131;
    private static final int[] COUNTS = {1, 2, 3, 5, 6, 7, 8, 9, 64, ROWS};

    private final HostMachine machine = HostMachine.open(2);

    @AfterEach
    void close() {
        machine.close();
    }

    private static double[] normal(int length, ElementType type, long seed) {
        Random random = new Random(seed);
        double[] numbers = new double[length];
        Arrays.setAll(numbers, k -> {
            double number = random.nextGaussian();
            return type == ElementType.FLOAT ? (float) number : number;
        });
        return numbers;
    }

    private double[] product(
            ElementType type,
            double[] rows,
            double[] matrix,
            double[] before,
            int n,
            int k,
            double alpha,
            double beta) {
        int m = rows.length / k;
        Gemm gemm = Gemm.contiguous(MatrixOrder.ROWS, false, true, m, n, k).withFactors(alpha, beta);
        assertTrue(RowProduct.takes(gemm));
        try (MachineArray a = machine.allocate("A", type, rows.length);
                MachineArray b = machine.allocate("B", type, matrix.length);
                MachineArray c = machine.allocate("C", type, before.length)) {
            machine.upload(rows, a);
            machine.upload(matrix, b);
            machine.upload(before, c);
            machine.multiplyRowByRow(gemm, a, b, c);
            return machine.downloadDoubles(c);
        }
    }

    /** Sums by the definition in double; each of k products and additions rounds once, and alpha, beta and their sum. */
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1, 7",
        "2, 64",
        "3, 5",
        "5, 3",
        "7, 13",
        "8, 4",
        "9, 9",
        "16, 27",
        "64, 4",
        "64, 64",
        "100, 163"
    })
    void isTheProduct(int n, int k) {
        for (ElementType type : new ElementType[] {ElementType.FLOAT, ElementType.DOUBLE}) {
            double unit = type == ElementType.FLOAT ? 0x1p-24 : 0x1p-53;
            double[] rows = normal(ROWS * k, type, 1);
            double[] matrix = normal(n * k, type, 2);
            double[] before = normal(ROWS * n, type, 3);
            for (int count : COUNTS) {
                double[] found = product(
                        type, Arrays.copyOf(rows, count * k), matrix, Arrays.copyOf(before, count * n), n, k, 0.5, -2);
                for (int at = 0; at < found.length; at++) {
                    double sum = 0;
                    double size = 0;
                    for (int j = 0; j < k; j++) {
                        double term = rows[at / n * k + j] * matrix[at % n * k + j];
                        sum += term;
                        size += Math.abs(term);
                    }
                    double bound = (k + 3) * unit * (size + 2 * Math.abs(before[at]));
                    assertEquals(0.5 * sum - 2 * before[at], found[at], bound, type + ", " + count + " rows, " + at);
                }
            }
        }
    }

    @Tag("kernels")
    @ParameterizedTest
    @CsvSource({"1, 64", "2, 64", "3, 5", "7, 33", "8, 4", "12, 12", "64, 64", "64, 4", "128, 128"})
    void aRowHasTheSameBytesWhateverIsBesideIt(int n, int k) {
        for (ElementType type : new ElementType[] {ElementType.FLOAT, ElementType.DOUBLE}) {
            double[] rows = normal(ROWS * k, type, 4);
            double[] matrix = normal(n * k, type, 5);
            double[] together = product(type, rows, matrix, new double[ROWS * n], n, k, 1, 0);
            for (int count : COUNTS) {
                int from = ROWS - count;
                double[] some = product(
                        type, Arrays.copyOfRange(rows, from * k, ROWS * k), matrix, new double[count * n], n, k, 1, 0);
                assertArrayEquals(Arrays.copyOfRange(together, from * n, ROWS * n), some, type + ", " + count);
            }
        }
    }

    /** Compiled code has the bytes of interpreted code. */
    @Tag("kernels")
    @ParameterizedTest
    @CsvSource({"2, 64", "64, 64"})
    void theBytesStayTheSameWhileTheLoopsAreCompiled(int n, int k) {
        double[] rows = normal(ROWS * k, ElementType.DOUBLE, 6);
        double[] matrix = normal(n * k, ElementType.DOUBLE, 7);
        double[] first = product(ElementType.DOUBLE, rows, matrix, new double[ROWS * n], n, k, 1, 0);
        IntStream.range(0, 500)
                .forEach(round -> assertArrayEquals(
                        first, product(ElementType.DOUBLE, rows, matrix, new double[ROWS * n], n, k, 1, 0)));
    }

    @ParameterizedTest
    @CsvSource({"false, false, 4, 4", "true, true, 4, 4", "false, true, 129, 128"})
    void othersAreLeftToOpenBlas(boolean transposeA, boolean transposeB, int n, int k) {
        assertFalse(RowProduct.takes(Gemm.contiguous(MatrixOrder.ROWS, transposeA, transposeB, 3, n, k)));
    }
}
