/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.internal.onednn.OneDnn;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackedProductTest {

    @BeforeAll
    static void oneDnnHasCodeOfItsOwn() {
        Assumptions.assumeTrue(OneDnn.here().filter(OneDnn::hasOwnCode).isPresent(), OneDnn::sentence);
    }

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[][] gaussian(Random random, int rows, int width) {
        float[][] values = new float[rows][];
        for (int row = 0; row < rows; row++) {
            values[row] = gaussian(random, width);
        }
        return values;
    }

    private static float[][] copy(float[][] rows) {
        float[][] copy = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            copy[row] = rows[row].clone();
        }
        return copy;
    }

    /** Widths with one block and several, with a last block of one column more, of odd sizes and of whole lanes. */
    @ParameterizedTest
    @CsvSource({"1, 1", "7, 5", "64, 64", "257, 33", "513, 40", "530, 129", "192, 576", "576, 576", "1030, 256"})
    void a_rows_bytes_do_not_depend_on_what_is_computed_in_the_same_call(int outputs, int inputs) {
        Random random = new Random(outputs);
        PackedProduct matrix = PackedProduct.of(gaussian(random, outputs * inputs), outputs, inputs)
                .orElseThrow();
        int most = 131;
        float[][] x = gaussian(random, most, inputs);
        float[][] start = gaussian(random, most, outputs);
        float[][] alone = copy(start);
        for (int row = 0; row < most; row++) {
            matrix.multiplyAdd(x, alone, row, row + 1);
        }
        for (int rows : new int[] {2, 3, 5, 8, 17, 31, 33, 63, 64, 65, 66, 127, most}) {
            for (int from : new int[] {0, most - rows}) {
                float[][] together = copy(start);
                matrix.multiplyAdd(x, together, from, from + rows);
                for (int row = 0; row < most; row++) {
                    boolean computed = row >= from && row < from + rows;
                    assertArrayEquals(computed ? alone[row] : start[row], together[row], rows + " rows, row " + row);
                }
            }
        }
    }

    /** n products and n + 1 sums in any order, fused or not, err by at most (n + 1)·u/(1 − (n + 1)·u)·(|y| + Σ|x·w|), u = 2^-24. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 7, 5", "2, 257, 33", "70, 530, 129", "5, 1030, 576"})
    void products_are_as_exact_as_sums_in_single_precision(int rows, int outputs, int inputs) {
        Random random = new Random(inputs);
        float[] values = gaussian(random, outputs * inputs);
        float[][] x = gaussian(random, rows, inputs);
        float[][] y = gaussian(random, rows, outputs);
        float[][] start = copy(y);
        PackedProduct.of(values, outputs, inputs).orElseThrow().multiplyAdd(x, y, 0, rows);
        double unit = (inputs + 1) * 0x1p-24;
        for (int row = 0; row < rows; row++) {
            for (int o = 0; o < outputs; o++) {
                double sum = start[row][o];
                double size = Math.abs(sum);
                for (int i = 0; i < inputs; i++) {
                    double product = (double) x[row][i] * values[o * inputs + i];
                    sum += product;
                    size += Math.abs(product);
                }
                assertTrue(Math.abs(y[row][o] - sum) <= unit / (1 - unit) * size * (1 + 1e-6));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 5", "257, 33", "513, 40", "576, 192", "1030, 256"})
    void the_values_that_were_packed_come_back_to_the_bit(int outputs, int inputs) {
        float[] values = gaussian(new Random(outputs), outputs * inputs);
        assertArrayEquals(
                values, PackedProduct.of(values, outputs, inputs).orElseThrow().values());
    }
}
