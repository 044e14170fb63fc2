/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class RowProductsTest {

    /** Sums of three products of order 1. */
    private static final double ROUNDING = 1e-14;

    @Test
    void products_are_those_of_the_formula_however_few_rows_and_columns_there_are_and_however_a_weight_lies() {
        Random random = new Random(1);
        for (int n = 1; n <= 3; n++) {
            for (int k = 1; k <= 3; k++) {
                for (int m = 1; m <= 3; m++) {
                    INDArray x = TestNetworks.normal(DataType.DOUBLE, random, n, k);
                    INDArray w = TestNetworks.normal(DataType.DOUBLE, random, k, m);
                    INDArray turned = w.transpose().dup('c').transpose();
                    for (INDArray weight : List.of(w, w.dup('f'), turned)) {
                        INDArray product = RowProducts.product(x, weight);
                        assertProduct(x, w, product, 1);
                        RowProducts.multiply(x, weight, product, 1);
                        assertProduct(x, w, product, 2);
                    }
                }
            }
        }
    }

    private static void assertProduct(INDArray x, INDArray w, INDArray actual, int times) {
        for (int i = 0; i < x.size(0); i++) {
            for (int j = 0; j < w.size(1); j++) {
                double sum = 0;
                for (int l = 0; l < x.size(1); l++) {
                    sum += x.getDouble(i, l) * w.getDouble(l, j);
                }
                assertEquals(times * sum, actual.getDouble(i, j), ROUNDING);
            }
        }
        assertTrue(actual.ordering() == 'c' || actual.size(0) == 1 || actual.size(1) == 1);
    }
}
