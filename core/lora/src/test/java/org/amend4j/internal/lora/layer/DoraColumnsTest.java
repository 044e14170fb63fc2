/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.internal.lora.layer.Trained.Adapter;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DoraColumnsTest {

    private static final int ROWS = 50;
    private static final int COLUMNS = 20;
    private static final int RANK = 3;
    private static final double SCALING = 1.5;

    /** W, A, B and m, and what the norms should be. */
    private record Fixture(INDArray w, INDArray a, INDArray b, INDArray m) {

        static Fixture of(DataType type, long seed) {
            Random random = new Random(seed);
            return new Fixture(
                    TestNetworks.normal(type, random, ROWS, COLUMNS).dup('f'),
                    TestNetworks.normal(type, random, ROWS, RANK).dup('f'),
                    TestNetworks.normal(type, random, RANK, COLUMNS).dup('f'),
                    TestNetworks.normal(type, random, 1, COLUMNS));
        }

        DoraColumns columns() {
            return new DoraColumns(w, Adapter.of(a, b, SCALING, 0), m);
        }

        /** Norms of the columns of W + s·A·B, formed in double. */
        INDArray direct() {
            return w.castTo(DataType.DOUBLE)
                    .add(a.castTo(DataType.DOUBLE)
                            .mmul(b.castTo(DataType.DOUBLE))
                            .mul(SCALING))
                    .norm2(true, 0);
        }

        /** Column 0 of W is what A·B takes away but for a part of 1e-3; column 1 is zero, and so is B's. */
        Fixture withCancellation() {
            w.putColumn(
                    0, a.mmul(b).getColumn(0).mul(-SCALING).addi(w.getColumn(0).mul(1e-3)));
            w.putColumn(1, Nd4j.zeros(w.dataType(), ROWS));
            b.putColumn(1, Nd4j.zeros(w.dataType(), RANK));
            return this;
        }
    }

    /**
     * The squares' parts are products of at most 50 terms, each right to 50 roundings, and a square has at least 1/64 of its parts; a
     * column that is formed is right to rounding of its parts, here 1000 times what is left.
     */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void cheap_norms_are_the_columns_norms_also_where_factors_cancel_the_weight(DataType type) {
        double rounding = type == DataType.FLOAT ? Math.scalb(1.0, -24) : Math.scalb(1.0, -53);
        for (long seed = 1; seed <= 20; seed++) {
            Fixture fixture = Fixture.of(type, seed).withCancellation();
            DoraColumns columns = fixture.columns();
            columns.refresh(true);
            INDArray direct = fixture.direct();
            INDArray found = columns.reciprocalNorms();
            assertEquals(0, found.getDouble(1));
            for (int j = 0; j < COLUMNS; j++) {
                double expected = direct.getDouble(j);
                if (j != 1) {
                    assertEquals(
                            1,
                            found.getDouble(j) * expected,
                            64 * ROWS * rounding * (j == 0 ? 20 : 1),
                            "seed " + seed + ", column " + j);
                }
            }
        }
    }

    @Test
    void norms_are_those_of_the_factors_as_they_are() {
        Fixture fixture = Fixture.of(DataType.DOUBLE, 3);
        DoraColumns columns = fixture.columns();
        columns.refresh(false);
        double before = columns.scale().getDouble(4);
        columns.refresh(false);
        assertEquals(before, columns.scale().getDouble(4));
        fixture.b.putScalar(1, 4, 7);
        columns.refresh(false);
        double expected = fixture.m.getDouble(4) / fixture.direct().getDouble(4);
        assertEquals(expected, columns.scale().getDouble(4), 1e-13 * Math.abs(expected));
        assertTrue(before != columns.scale().getDouble(4));
    }
}
