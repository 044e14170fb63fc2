/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ColumnPassesTest {

    private static final int ROWS = 7;
    private static final int COLUMNS = 5;

    /** A matrix in an order, or a part of a larger one. */
    private static INDArray matrix(DataType type, char order, boolean view, Random random) {
        INDArray whole =
                TestNetworks.normal(type, random, ROWS + 3, COLUMNS + 2).dup(order);
        INDArray part = whole.get(NDArrayIndex.interval(1, ROWS + 1), NDArrayIndex.interval(2, COLUMNS + 2));
        return view ? part : part.dup(order);
    }

    /** Both loops and ND4J's operations, whatever the orders. */
    @ParameterizedTest(name = "{0}, orders {1} {2}, views {3}")
    @CsvSource({
        "FLOAT, f, f, false",
        "FLOAT, c, c, false",
        "FLOAT, f, c, false",
        "FLOAT, c, f, true",
        "FLOAT, f, f, true",
        "DOUBLE, f, f, false",
        "DOUBLE, c, f, true"
    })
    void a_pass_computes_what_it_says(DataType type, char first, char second, boolean views) {
        Random random = new Random(6);
        double rounding = type == DataType.FLOAT ? Math.scalb(1.0, -24) : Math.scalb(1.0, -53);
        INDArray z = matrix(type, first, views, random);
        INDArray y = matrix(type, second, views, random);
        INDArray k = TestNetworks.normal(type, random, 1, COLUMNS);
        INDArray b = TestNetworks.normal(type, random, 1, COLUMNS);
        INDArray sums = Nd4j.create(type, 1, COLUMNS);
        double[] expectedSums = new double[COLUMNS];
        double[] sizes = new double[COLUMNS];
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                expectedSums[j] += z.getDouble(i, j) * y.getDouble(i, j);
                sizes[j] += Math.abs(z.getDouble(i, j) * y.getDouble(i, j));
            }
        }
        INDArray z0 = z.dup();
        INDArray y0 = y.dup();
        INDArray e = matrix(type, first, views, random);
        ColumnPasses.scaleAndSum(z, y, k, e, sums);
        assertTrue(ArrayBytes.same(y0, y));
        for (int j = 0; j < COLUMNS; j++) {
            assertEquals(expectedSums[j], sums.getDouble(0, j), 2 * ROWS * rounding * sizes[j]);
            for (int i = 0; i < ROWS; i++) {
                double product = z.getDouble(i, j) * k.getDouble(0, j);
                assertEquals(product, e.getDouble(i, j), 2 * rounding * Math.abs(product));
            }
        }
        ColumnPasses.scale(z, k, Optional.of(b), y);
        INDArray plain = Nd4j.create(type, new long[] {ROWS, COLUMNS}, first);
        ColumnPasses.scale(z, k, Optional.empty(), plain);
        assertTrue(ArrayBytes.same(z0, z));
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                double product = z.getDouble(i, j) * k.getDouble(0, j);
                double size = Math.abs(product) + Math.abs(b.getDouble(0, j));
                assertEquals(product + b.getDouble(0, j), y.getDouble(i, j), 3 * rounding * size);
                assertEquals(product, plain.getDouble(i, j), 2 * rounding * Math.abs(product));
            }
        }
    }
}
