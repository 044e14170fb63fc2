/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Looking rows up and adding to them against their definitions. */
public final class EmbeddingLaws {

    private static final int VOCABULARY = 19;

    private EmbeddingLaws() {}

    public static void embed(
            Machine machine, EmbeddingKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] table = values.normal(VOCABULARY * columns);
            float[] delta = values.normal(rows * columns);
            int[] tokens = new int[rows];
            for (int i = 0; i < rows; i++) {
                tokens[i] = values.random().nextInt(VOCABULARY);
            }
            MatrixView onTable = values.in(table, VOCABULARY, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.gather(onTable, values.in(tokens), out);
            double[] gathered = values.get(out);
            Expected changed = new Expected(table.length);
            for (int i = 0; i < table.length; i++) {
                changed.set(i, table[i], values.unit() * Math.abs(table[i]));
            }
            for (int i = 0; i < delta.length; i++) {
                int place = tokens[i / columns] * columns + i % columns;
                assertEquals((double) table[place], gathered[i]);
                changed.add(place, 0.5 * delta[i], (rows + 2) * values.unit() * Math.abs(delta[i]));
            }
            try (TokenSegments segments = TokenSegments.of(machine, "test", tokens, VOCABULARY)) {
                kernels.scatterAdd(values.in(delta, rows, columns, gap), segments, 0.5, onTable);
            }
            changed.compare("table", values.get(onTable));
        }
    }

    /** Rows of the table, as they are. */
    public static void gather(
            Machine machine, EmbeddingKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] table = values.normal(VOCABULARY * columns);
            int[] tokens = values.random().ints(rows, 0, VOCABULARY).toArray();
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.gather(values.in(table, VOCABULARY, columns, gap), values.in(tokens), out);
            double[] gathered = values.get(out);
            for (int i = 0; i < gathered.length; i++) {
                assertEquals((double) table[tokens[i / columns] * columns + i % columns], gathered[i]);
            }
        }
    }

    /** NaN, and no access. */
    public static void unknownToken(Machine machine, EmbeddingKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 21)) {
            float[] table = values.normal(6);
            MatrixView out = values.fresh(3, 2, 0);
            kernels.gather(values.in(table, 3, 2, 0), values.in(new int[] {3, -1, 2}), out);
            double nan = Double.NaN;
            assertArrayEquals(new double[] {nan, nan, nan, nan, table[4], table[5]}, values.get(out));
        }
    }

    public static void tokenOutsideTheVocabulary(Machine machine) {
        refused("token must be in [0, 3], got 4", () -> TokenSegments.of(machine, "test", new int[] {0, 4}, 4));
    }
}
