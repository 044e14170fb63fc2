/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

class RowNormsTest {

    /** In whatever order the rows lie, views with gaps and offsets included. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void squared_norms_are_those_of_the_rows(DataType type) {
        Random random = new Random(3);
        for (int columns : new int[] {1, 3, 4, 17}) {
            INDArray whole = TestNetworks.normal(type, random, 9, columns + 2);
            INDArray view = whole.get(NDArrayIndex.interval(2, 7), NDArrayIndex.interval(1, columns + 1));
            INDArray rows = whole.get(NDArrayIndex.interval(4, 9), NDArrayIndex.all());
            for (INDArray matrix : new INDArray[] {
                whole, view, rows, whole.dup('f'), view.dup('f'), rows.dup('c'), whole.transpose(), view.transpose()
            }) {
                double[] squares = RowNorms.squared(matrix);
                assertEquals(matrix.size(0), squares.length);
                for (int i = 0; i < squares.length; i++) {
                    double expected = 0;
                    for (int j = 0; j < matrix.size(1); j++) {
                        expected += matrix.getDouble(i, j) * matrix.getDouble(i, j);
                    }
                    assertEquals(expected, squares[i], 1e-14 * expected);
                }
            }
        }
    }
}
