/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;

/**
 * What a token is before the first layer: factor·W[token] + P[position].
 *
 * @param words W
 * @param factor 1 for most families
 * @param positions P; empty where positions turn queries and keys
 */
record Embedding(Table words, float factor, Optional<Table> positions) {

    /** Rows by number. */
    @FunctionalInterface
    interface Table {

        void row(int index, float[] to);

        /** Of an array [rows, width]. */
        static Table of(float[] values, int width) {
            return (index, to) -> System.arraycopy(values, index * width, to, 0, width);
        }
    }

    void apply(Row row, float[] to) {
        words.row(row.token(), to);
        if (factor != 1) {
            Loops.scale(to, factor, to.length);
        }
        positions.ifPresent(table -> {
            float[] position = new float[to.length];
            table.row(row.position(), position);
            Loops.add(to, position, to.length);
        });
    }
}
