/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixTest {

    /** The last one is packed where there is oneDNN. */
    @ParameterizedTest
    @CsvSource({"3, 5", "40, 33", "257, 300"})
    void rows_and_columns_are_those_of_the_values(int outputs, int inputs) {
        float[] values = gaussian(new Random(inputs), outputs * inputs);
        Matrix matrix = Matrix.ofLayer(values, outputs, inputs);
        float[] row = new float[inputs];
        float[] column = new float[outputs];
        for (int o = 0; o < outputs; o++) {
            matrix.row(o, row);
            assertArrayEquals(Arrays.copyOfRange(values, o * inputs, (o + 1) * inputs), row);
        }
        for (int i = 0; i < inputs; i++) {
            matrix.column(i, column);
            for (int o = 0; o < outputs; o++) {
                assertEquals(values[o * inputs + i], column[o]);
            }
        }
    }

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The last ones are worth several threads. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 5, 7", "2, 40, 33", "1, 600, 8", "4, 1025, 65", "1, 2050, 520", "9, 1100, 129"})
    void every_product_is_summed_over_the_inputs_in_their_order(int rows, int outputs, int inputs) {
        Random random = new Random(outputs);
        float[] values = gaussian(random, outputs * inputs);
        float[][] x = new float[rows][];
        float[][] y = new float[rows][];
        float[][] expected = new float[rows][outputs];
        for (int row = 0; row < rows; row++) {
            x[row] = gaussian(random, inputs);
            y[row] = gaussian(random, outputs);
            for (int o = 0; o < outputs; o++) {
                float sum = y[row][o];
                for (int i = 0; i < inputs; i++) {
                    sum += x[row][i] * values[o * inputs + i];
                }
                expected[row][o] = sum;
            }
        }
        TurnedMatrix.of(values, outputs, inputs).multiplyAdd(x, y, 0, rows);
        for (int row = 0; row < rows; row++) {
            assertArrayEquals(expected[row], y[row]);
        }
    }
}
