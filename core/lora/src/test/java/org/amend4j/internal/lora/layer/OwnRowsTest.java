/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rows in place of a table's, by their definition. */
class OwnRowsTest {

    private static final List<Integer> TOKENS = List.of(6, 0, 4);

    private static final int WIDTH = 3;

    private static INDArray random(DataType type, long seed, char order, long... shape) {
        return TestNetworks.normal(type, new Random(seed), shape).dup(order);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void rows_are_those_of_the_table_with_these_in_it_to_the_bit(DataType type) {
        INDArray table = random(type, 1, 'f', 8, WIDTH);
        INDArray own = random(type, 2, 'c', TOKENS.size(), WIDTH);
        INDArray effective = table.dup('f');
        for (int i = 0; i < TOKENS.size(); i++) {
            effective.getRow(TOKENS.get(i)).assign(own.getRow(i));
        }
        for (int[] looked : new int[][] {{1, 6, 6, 2, 0, 7, 4, 1}, {1, 2, 3}, {4}, {6, 0}}) {
            INDArray into = Nd4j.pullRows(table, 1, looked, 'c');
            new OwnRows(TOKENS).putInto(own, looked, into);
            assertTrue(ArrayBytes.same(Nd4j.pullRows(effective, 1, looked, 'c'), into));
        }
    }

    @ParameterizedTest
    @ValueSource(chars = {'c', 'f'})
    void gradients_are_added_up_by_token(char order) {
        int[] looked = {1, 6, 6, 2, 4, 7, 6, 1};
        INDArray gradients = random(DataType.DOUBLE, 3, order, looked.length, WIDTH);
        INDArray into = Nd4j.ones(DataType.DOUBLE, TOKENS.size(), WIDTH);
        new OwnRows(TOKENS).addUp(gradients, looked, into);
        INDArray expected = Nd4j.zeros(DataType.DOUBLE, TOKENS.size(), WIDTH);
        for (int i = 0; i < looked.length; i++) {
            int at = TOKENS.indexOf(looked[i]);
            if (at >= 0) {
                expected.getRow(at).addi(gradients.getRow(i));
            }
        }
        assertTrue(ArrayBytes.same(expected, into));
    }
}
