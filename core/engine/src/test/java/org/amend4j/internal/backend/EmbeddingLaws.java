/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.junit.jupiter.params.provider.Arguments;

/** Looking rows up and adding to them against their definitions. */
public final class EmbeddingLaws {

    private static final int VOCABULARY = 19;

    private EmbeddingLaws() {}

    /**
     * Rows, columns of two tables, gaps behind the rows of both and behind those that come from them, and a seed: none, single, aligned in
     * fours and not, on one side only, one much wider than the other, many rows.
     */
    public static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(0, 7, 3, 0, 0, 11),
                Arguments.of(1, 1, 1, 0, 0, 12),
                Arguments.of(57, 33, 10, 2, 2, 31),
                Arguments.of(75, 36, 12, 4, 8, 36),
                Arguments.of(70, 260, 3, 4, 1, 34),
                Arguments.of(33, 9, 64, 0, 0, 38),
                Arguments.of(8, 33, 10, 3, 3, 34),
                Arguments.of(5, 36, 8, 1, 0, 32),
                Arguments.of(5, 36, 8, 0, 1, 32),
                Arguments.of(21, 36, 8, 0, 0, 33),
                Arguments.of(4100, 10, 40, 0, 0, 14));
    }

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

    /** Rows of the table, as they are; NaN for a token that it does not have. */
    public static void gather(
            Machine machine, EmbeddingKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] table = values.normal(VOCABULARY * columns);
            int[] tokens = tokens(values, rows);
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.gather(values.in(table, VOCABULARY, columns, gap), values.in(tokens), out);
            assertArrayEquals(expected(table, columns, tokens), values.get(out));
        }
    }

    /** Of two tables at once what each gives alone; the second is of floats where the first is of bfloat16 numbers. */
    public static void gatherPair(
            Machine machine,
            EmbeddingKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int secondColumns,
            int gap,
            int gapOut,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] table = values.normal(VOCABULARY * columns);
            float[] second = values.normal(VOCABULARY * secondColumns);
            int[] tokens = tokens(values, rows);
            MatrixView out = values.fresh(rows, columns, gapOut);
            MatrixView secondOut = values.factor(new float[rows * secondColumns], rows, secondColumns, gapOut);
            kernels.gatherPair(
                    values.in(table, VOCABULARY, columns, gap),
                    values.factor(second, VOCABULARY, secondColumns, gap),
                    values.in(tokens),
                    out,
                    secondOut);
            assertArrayEquals(expected(table, columns, tokens), values.get(out));
            assertArrayEquals(expected(second, secondColumns, tokens), values.get(secondOut));
        }
    }

    /** Some that the table does not have on either side. */
    private static int[] tokens(Values values, int rows) {
        return values.random().ints(rows, -1, VOCABULARY + 1).toArray();
    }

    private static double[] expected(float[] table, int columns, int[] tokens) {
        double[] rows = new double[tokens.length * columns];
        for (int i = 0; i < rows.length; i++) {
            int token = tokens[i / columns];
            rows[i] = token < 0 || token >= VOCABULARY ? Double.NaN : table[token * columns + i % columns];
        }
        return rows;
    }

    /** The rows of a table beside those of one without columns, which is the second or the first. */
    public static void gatherBesideNothing(Machine machine, EmbeddingKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 23)) {
            float[] table = values.normal(6);
            double[] rows = {table[4], table[5], table[0], table[1]};
            MatrixView onTable = values.in(table, 3, 2, 0);
            MatrixView nothing = values.fresh(3, 0, 0);
            MachineArray tokens = values.in(new int[] {2, 0});
            MatrixView out = values.fresh(2, 2, 0);
            MatrixView again = values.fresh(2, 2, 0);
            kernels.gatherPair(onTable, nothing, tokens, out, nothing.rows(0, 2));
            kernels.gatherPair(nothing, onTable, tokens, nothing.rows(0, 2), again);
            assertArrayEquals(rows, values.get(out));
            assertArrayEquals(rows, values.get(again));
        }
    }

    /** Two tables of the same tokens, and two places of the same rows. */
    public static void pairsOfOtherShapes(Machine machine, EmbeddingKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 22)) {
            MatrixView table = values.in(values.normal(6), 3, 2, 0);
            MatrixView second = values.factor(values.normal(12), 3, 4, 0);
            MachineArray tokens = values.in(new int[] {2, 0});
            MatrixView out = values.fresh(2, 2, 0);
            MatrixView secondOut = values.factor(new float[8], 2, 4, 0);
            refused(
                    "second table must be [3, 4], got [2, 4]",
                    () -> kernels.gatherPair(table, second.rows(0, 2), tokens, out, secondOut));
            refused(
                    "out must be [2, 2], got [2, 1]",
                    () -> kernels.gatherPair(table, second, tokens, out.columns(0, 1), secondOut));
            refused(
                    "second out must be [2, 4], got [1, 4]",
                    () -> kernels.gatherPair(table, second, tokens, out, secondOut.rows(0, 1)));
            refused(
                    "tokens must be INT[2], got INT[1]",
                    () -> kernels.gatherPair(table, second, tokens.slice(0, 1), out, secondOut));
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
