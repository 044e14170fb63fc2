/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnScalesTest {

    private static final int COLUMNS = 5;
    private static final int RANK = 2;

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Single precision in W + s·A·B: four terms. Rows that fill no block, one, and several in part. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 37})
    void columns_have_the_norms_that_the_magnitudes_say(int rows) {
        Random random = new Random(rows);
        float[] weight = gaussian(random, rows * COLUMNS);
        float[] a = gaussian(random, RANK * rows);
        float[] b = gaussian(random, COLUMNS * RANK);
        float[] magnitudes = {1, 2, 0.5f, -3, 0};
        LowRank added = new LowRank(TurnedMatrix.of(a, RANK, rows), TurnedMatrix.of(b, COLUMNS, RANK));
        float[] scales = ColumnScales.of(magnitudes, Table.of(weight, COLUMNS), rows, added);
        for (int j = 0; j < COLUMNS; j++) {
            double squares = 0;
            for (int i = 0; i < rows; i++) {
                double v = weight[i * COLUMNS + j];
                for (int r = 0; r < RANK; r++) {
                    v += (double) b[j * RANK + r] * a[r * rows + i];
                }
                squares += v * v;
            }
            assertEquals(magnitudes[j], scales[j] * Math.sqrt(squares), 1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 20})
    void a_column_of_zeros_stays_one(int rows) {
        LowRank nothing = new LowRank(
                TurnedMatrix.of(new float[RANK * rows], RANK, rows),
                TurnedMatrix.of(new float[COLUMNS * RANK], COLUMNS, RANK));
        float[] scales = ColumnScales.of(
                new float[] {1, 1, 1, 1, 1}, Table.of(new float[rows * COLUMNS], COLUMNS), rows, nothing);
        assertArrayEquals(new float[COLUMNS], scales);
    }
}
