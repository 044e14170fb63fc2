/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.CachedAttentionKernels.Kept;
import org.amend4j.internal.backend.CachedAttentionKernels.Places;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/** Attention to what is kept in pages against attention of whole texts in doubles. */
public final class CachedAttentionLaws {

    private static final int PAGE = CachedAttentionKernels.PAGE;

    private CachedAttentionLaws() {}

    /**
     * What is attended to.
     *
     * @param lengths of texts
     * @param fresh how many of each text's rows are new, at most
     * @param gap numbers between rows
     */
    public record Case(Rule rule, List<Integer> lengths, int fresh, int gap, long seed) {

        @Override
        public String toString() {
            return rule + " of " + lengths + ", at most " + fresh + " new, gap " + gap + ", seed " + seed;
        }
    }

    private static Rule rule(int heads, int keyValueHeads, int size, int... window) {
        OptionalInt keys = window.length == 0 ? OptionalInt.empty() : OptionalInt.of(window[0]);
        return new Rule(heads, keyValueHeads, size, true, keys);
    }

    /** Grouped heads, more than a block takes together, windows; texts that fill pages and parts, and that do not. */
    public static Stream<Case> cases() {
        return Stream.of(
                new Case(rule(1, 1, 1), List.of(1), 1, 0, 61),
                new Case(rule(4, 2, 8), List.of(5, 130, 64), 1, 0, 62),
                new Case(rule(3, 1, 5), List.of(257, 128, 2), 3, 2, 63),
                new Case(rule(2, 2, 16, 70), List.of(300, 71, 70), 1, 0, 64),
                new Case(rule(2, 1, 4, 1), List.of(129, 3), 2, 1, 65),
                new Case(rule(18, 2, 3), List.of(140), 2, 0, 66),
                new Case(rule(1, 1, 150), List.of(190, 9), 1, 3, 67),
                new Case(rule(2, 1, 4), List.of(70), 70, 0, 68));
    }

    /** A small one of all kinds, for planted faults. */
    public static Case some() {
        return new Case(rule(18, 2, 35, 150), List.of(300, 64, 9), 2, 3, 69);
    }

    /** The rows of a case on a machine. */
    private static final class Run implements AutoCloseable {

        private final Case of;
        private final Values values;
        private final int[] starts;
        private final float[] q;
        private final float[] k;
        private final float[] v;
        private final List<Integer> asked = new ArrayList<>();
        private final double[] out;

        Run(Machine machine, CachedAttentionKernels kernels, ElementType type, Case of, int more) {
            this.of = of;
            this.values = new Values(machine, type, of.seed());
            this.starts = new int[of.lengths().size() + 1];
            for (int text = 0; text < of.lengths().size(); text++) {
                starts[text + 1] = starts[text] + of.lengths().get(text);
            }
            int all = starts[of.lengths().size()];
            q = values.normal(all * of.rule().queryWidth());
            k = values.normal(all * of.rule().keyValueWidth());
            v = values.normal(all * of.rule().keyValueWidth());
            out = computed(kernels, more);
        }

        /** Texts one after the other, and the new rows of all texts mixed. */
        private double[] computed(CachedAttentionKernels kernels, int more) {
            Rule rule = of.rule();
            int longest = Collections.max(of.lengths()) + more;
            int tableLength = Shapes.ceilDiv(longest, PAGE) + 1;
            int[] tables = tables(tableLength);
            int pages = Arrays.stream(tables).max().orElseThrow() + 1;
            int[] places = new int[starts[of.lengths().size()]];
            List<Integer> old = new ArrayList<>();
            for (int text = 0; text < of.lengths().size(); text++) {
                int length = of.lengths().get(text);
                for (int position = 0; position < length; position++) {
                    int row = starts[text] + position;
                    places[row] = tables[text * tableLength + position / PAGE] * PAGE + position % PAGE;
                    (position < length - of.fresh() ? old : asked).add(row);
                }
            }
            forgetUnseen(tables, tableLength);
            Collections.shuffle(asked, values.random());
            Kept kept = new Kept(nowhere(pages), nowhere(pages));
            for (List<Integer> some : List.of(old, asked)) {
                kernels.keep(
                        new Kept(rows(k, some, rule.keyValueWidth()), rows(v, some, rule.keyValueWidth())),
                        values.in(some.stream().mapToInt(row -> places[row]).toArray()),
                        kept);
            }
            MatrixView results = values.fresh(asked.size(), rule.queryWidth(), of.gap());
            Places where = new Places(
                    values.in(asked.stream().mapToInt(this::text).toArray()),
                    values.in(asked.stream()
                            .mapToInt(row -> row - starts[text(row)])
                            .toArray()),
                    values.in(tables),
                    tableLength,
                    longest);
            long scratch = CachedAttentionKernels.scratch(asked.size(), rule, longest);
            kernels.attend(rows(q, asked, rule.queryWidth()), kept, where, rule, values.fresh(scratch), results);
            return values.get(results);
        }

        private int text(int row) {
            int text = 0;
            while (starts[text + 1] <= row) {
                text++;
            }
            return text;
        }

        /** Pages anywhere; those behind a text's end are there, and nothing was ever written to them. */
        private int[] tables(int tableLength) {
            List<Integer> pages =
                    new ArrayList<>(IntStream.range(0, of.lengths().size() * tableLength)
                            .boxed()
                            .toList());
            Collections.shuffle(pages, values.random());
            return pages.stream().mapToInt(page -> page).toArray();
        }

        /** What no new row sees any more may have been given to others. */
        private void forgetUnseen(int[] tables, int tableLength) {
            int window = of.rule().window().orElse(Integer.MAX_VALUE);
            for (int text = 0; text < of.lengths().size(); text++) {
                int length = of.lengths().get(text);
                int first = Math.max(0, length - Math.min(length, of.fresh()) + 1 - window);
                Arrays.fill(tables, text * tableLength, text * tableLength + first / PAGE, -1);
            }
        }

        /** On every machine: what is read there is seen in the results. */
        private MatrixView nowhere(int pages) {
            int width = of.rule().keyValueWidth();
            float[] nothing = new float[pages * PAGE * width];
            Arrays.fill(nothing, Float.NaN);
            return values.in(nothing, pages * PAGE, width, of.gap());
        }

        private MatrixView rows(float[] all, List<Integer> rows, int width) {
            float[] some = new float[rows.size() * width];
            for (int row = 0; row < rows.size(); row++) {
                System.arraycopy(all, rows.get(row) * width, some, row * width, width);
            }
            return values.in(some, rows.size(), width, of.gap());
        }

        /** Results by rows of all texts. */
        double[] of(int row) {
            int width = of.rule().queryWidth();
            int at = asked.indexOf(row) * width;
            return Arrays.copyOfRange(out, at, at + width);
        }

        void compare() {
            RowAttentionReference expected = new RowAttentionReference(
                            of.rule(),
                            starts,
                            starts[of.lengths().size()],
                            Values.widened(q),
                            Values.widened(k),
                            Values.widened(v),
                            values.unit(),
                            FactorRounding.of(ProductPrecision.FP32))
                    .forward();
            int width = of.rule().queryWidth();
            for (int row : asked) {
                Values.assertClose(
                        "row " + (row - starts[text(row)]) + " of text " + text(row),
                        Arrays.copyOfRange(expected.out, row * width, (row + 1) * width),
                        Arrays.copyOfRange(expected.outErrors, row * width, (row + 1) * width),
                        of(row));
            }
        }

        @Override
        public void close() {
            values.close();
        }
    }

    /** New rows are what they are in the whole text; what lies behind them, before a window or in other pages is not read. */
    public static void attention(Machine machine, CachedAttentionKernels kernels, ElementType type, Case of) {
        try (Run run = new Run(machine, kernels, type, of, 0)) {
            run.compare();
        }
    }

    /** A row has the same bytes in whatever company, and however long texts may become. */
    public static void inAnyCompany(Machine machine, CachedAttentionKernels kernels, ElementType type) {
        Rule rule = rule(4, 2, 6, 200);
        int length = 270;
        int width = rule.keyValueWidth();
        try (Values values = new Values(machine, type, 72)) {
            float[] k = values.normal(length * width);
            float[] v = values.normal(length * width);
            float[] query = values.normal(rule.queryWidth());
            int pages = Shapes.ceilDiv(length, PAGE);
            Kept kept = new Kept(values.fresh(2 * pages * PAGE, width, 0), values.fresh(2 * pages * PAGE, width, 0));
            Kept rows = new Kept(values.in(k, length, width, 0), values.in(v, length, width, 0));
            int[] backwards =
                    IntStream.range(0, pages).map(page -> 2 * pages - 1 - page).toArray();
            int[] forwards = IntStream.range(0, pages).toArray();
            kernels.keep(rows, values.in(places(backwards, length)), kept);
            kernels.keep(rows, values.in(places(forwards, length)), kept);
            double[] alone = attended(
                    values, kernels, rule, kept, new float[][] {query}, new int[] {length - 1}, forwards, length);
            double[] beside = attended(
                    values,
                    kernels,
                    rule,
                    kept,
                    new float[][] {values.normal(query.length), query},
                    new int[] {3, length - 1},
                    Arrays.copyOf(backwards, pages),
                    pages * PAGE);
            assertArrayEquals(alone, Arrays.copyOfRange(beside, query.length, 2 * query.length));
        }
    }

    private static int[] places(int[] pages, int length) {
        return IntStream.range(0, length)
                .map(position -> pages[position / PAGE] * PAGE + position % PAGE)
                .toArray();
    }

    private static double[] attended(
            Values values,
            CachedAttentionKernels kernels,
            Rule rule,
            Kept kept,
            float[][] queries,
            int[] positions,
            int[] table,
            int longest) {
        float[] all = new float[queries.length * rule.queryWidth()];
        for (int row = 0; row < queries.length; row++) {
            System.arraycopy(queries[row], 0, all, row * rule.queryWidth(), rule.queryWidth());
        }
        MatrixView out = values.fresh(queries.length, rule.queryWidth(), 0);
        kernels.attend(
                values.in(all, queries.length, rule.queryWidth(), 0),
                kept,
                new Places(
                        values.in(new int[queries.length]),
                        values.in(positions),
                        values.in(table),
                        table.length,
                        longest),
                rule,
                values.fresh(CachedAttentionKernels.scratch(queries.length, rule, longest)),
                out);
        return values.get(out);
    }

    /** Exponentials of scores that floats do not hold: the last key outweighs all before it, in every part. */
    public static void greatScores(Machine machine, CachedAttentionKernels kernels, ElementType type) {
        Rule rule = rule(1, 1, 1);
        int length = 300;
        int pages = Shapes.ceilDiv(length, PAGE);
        try (Values values = new Values(machine, type, 73)) {
            float[] rising = new float[length];
            for (int row = 0; row < length; row++) {
                rising[row] = 256 * row;
            }
            float[] v = values.normal(length);
            Kept kept = new Kept(values.fresh(pages * PAGE, 1, 0), values.fresh(pages * PAGE, 1, 0));
            int[] table = IntStream.range(0, pages).toArray();
            kernels.keep(
                    new Kept(values.in(rising, length, 1, 0), values.in(v, length, 1, 0)),
                    values.in(places(table, length)),
                    kept);
            int[] positions = {0, 127, 128, 200, 299};
            float[][] ones = new float[positions.length][1];
            Arrays.stream(ones).forEach(one -> one[0] = 1);
            double[] got = attended(values, kernels, rule, kept, ones, positions, table, length);
            for (int i = 0; i < positions.length; i++) {
                assertEquals(v[positions[i]], got[i], "position " + positions[i]);
            }
        }
    }

    /** NaN, and no access: a page or a position that is none; rows without a place are not kept. */
    public static void unknownPlaces(Machine machine, CachedAttentionKernels kernels, ElementType type) {
        Rule rule = rule(2, 1, 3);
        try (Values values = new Values(machine, type, 74)) {
            Kept kept = new Kept(values.fresh(2 * PAGE, 3, 0), values.fresh(2 * PAGE, 3, 0));
            float[] ones = new float[3 * PAGE * 3];
            Arrays.fill(ones, 1);
            int[] places = IntStream.range(-PAGE / 2, 2 * PAGE + PAGE / 2).toArray();
            MatrixView rows = values.in(ones, 3 * PAGE, 3, 0);
            kernels.keep(new Kept(rows, rows), values.in(places), kept);
            float[][] queries = new float[6][6];
            int[] positions = {PAGE, 2 * PAGE, -1, 5 * PAGE, 3 * PAGE, 0};
            double[] got =
                    attended(values, kernels, rule, kept, queries, positions, new int[] {1, 0, 2, -1, 0}, 4 * PAGE);
            for (int row = 0; row < queries.length; row++) {
                boolean isKnown = row == 0 || row == 5;
                for (int column = 0; column < 6; column++) {
                    double value = got[6 * row + column];
                    // at most 65 equal weights, each rounded, and their sum
                    assertEquals(isKnown ? 1 : Double.NaN, value, 130 * values.unit(), "row " + row);
                }
            }
        }
    }

    public static void refusals(Machine machine, CachedAttentionKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 75)) {
            Rule rule = rule(2, 1, 3);
            MatrixView pages = values.fresh(2 * PAGE, 3, 0);
            Kept kept = new Kept(pages, pages);
            MatrixView queries = values.fresh(2, 6, 0);
            MachineArray two = values.in(new int[2]);
            refused(
                    "a table must have the pages of 129 positions, got 2 of 64",
                    () -> new Places(two, two, two, 2, 129));
            Places places = new Places(two, two, two, 2, 128);
            Consumer<Rule> attend = some -> kernels.attend(queries, kept, places, some, values.fresh(20), queries);
            refused("the rule must be causal", () -> attend.accept(new Rule(2, 1, 3, false, OptionalInt.empty())));
            refused("queries must be [2, 8], got [2, 6]", () -> attend.accept(rule(2, 1, 4)));
            refused(
                    "scratch must hold at least 20 numbers",
                    () -> kernels.attend(queries, kept, places, rule, values.fresh(19), queries));
            refused("pages must be [64, 3], got [65, 3]", () -> {
                MatrixView odd = values.fresh(PAGE + 1, 3, 0);
                kernels.attend(queries, new Kept(odd, odd), places, rule, values.fresh(20), queries);
            });
            refused("values must be [2, 6], got [128, 3]", () -> new Kept(queries, pages));
            refused(
                    "places must be INT[2]",
                    () -> kernels.keep(new Kept(pages.rows(0, 2), pages.rows(0, 2)), values.in(new int[3]), kept));
        }
    }
}
