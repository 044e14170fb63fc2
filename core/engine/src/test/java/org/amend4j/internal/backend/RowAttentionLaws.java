/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.RowAttentionKernels.Attended;
import org.amend4j.internal.backend.RowAttentionKernels.Projections;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/** Attention of rows and its gradient against doubles, and those against differences. */
public final class RowAttentionLaws {

    private static final double STEP = 1e-5;

    private RowAttentionLaws() {}

    /**
     * What is attended to.
     *
     * @param slack rows behind all examples
     * @param gap numbers between rows
     */
    public record Case(Rule rule, List<Integer> lengths, int slack, int gap, long seed) {

        /** Of examples with these lengths. */
        public Case(Rule rule, int[] lengths, int slack, int gap, long seed) {
            this(rule, Arrays.stream(lengths).boxed().toList(), slack, gap, seed);
        }

        int[] starts() {
            int[] starts = new int[lengths.size() + 1];
            for (int example = 0; example < lengths.size(); example++) {
                starts[example + 1] = starts[example] + lengths.get(example);
            }
            return starts;
        }

        int rows() {
            return starts()[lengths.size()] + slack;
        }

        @Override
        public String toString() {
            return rule + " of " + lengths + ", " + slack + " more rows, gap " + gap + ", seed " + seed;
        }
    }

    private static Rule rule(int heads, int keyValueHeads, int size, boolean causal, int... window) {
        OptionalInt keys = window.length == 0 ? OptionalInt.empty() : OptionalInt.of(window[0]);
        return new Rule(heads, keyValueHeads, size, causal, keys);
    }

    /** Both directions, causal, windows, grouped heads; examples of one row and none, and longer than all blocks. */
    public static Stream<Case> cases() {
        return Stream.of(
                new Case(rule(1, 1, 1, false), List.of(1), 0, 0, 11),
                new Case(rule(3, 3, 4, false), List.of(5, 1, 9), 0, 0, 12),
                new Case(rule(2, 2, 8, false), List.of(65, 64), 3, 1, 13),
                new Case(rule(2, 1, 5, false), List.of(300), 1, 2, 14),
                new Case(rule(1, 1, 1, true), List.of(1, 1), 2, 0, 15),
                new Case(rule(4, 2, 8, true), List.of(7, 0, 33, 1), 0, 3, 16),
                new Case(rule(2, 2, 16, true), List.of(129), 5, 0, 17),
                new Case(rule(3, 1, 4, true), List.of(270, 64), 0, 1, 18),
                new Case(rule(2, 1, 8, true, 1), List.of(70), 0, 0, 19),
                new Case(rule(2, 2, 4, true, 10), List.of(150, 9, 10, 11), 1, 0, 20),
                new Case(rule(4, 4, 4, true, 130), List.of(400), 0, 0, 21),
                new Case(rule(1, 1, 64, false), List.of(20, 130), 0, 0, 22),
                new Case(rule(40, 1, 2, true), List.of(130), 0, 0, 24), // rows of scores as long as arrays in hand
                new Case(rule(4, 4, 4, false), List.of(), 3, 0, 23));
    }

    /** Those whose every input can be varied. */
    public static Stream<Case> smallCases() {
        return Stream.of(
                new Case(rule(2, 2, 3, false), List.of(5, 1, 2), 0, 0, 51),
                new Case(rule(4, 2, 2, true), List.of(4, 0, 3), 1, 0, 52),
                new Case(rule(2, 1, 2, true, 3), List.of(7), 0, 0, 53));
    }

    /** Inputs of a case and results of its passes. */
    private static final class Run implements AutoCloseable {

        private final Case of;
        private final Values values;
        private final float[] q;
        private final float[] k;
        private final float[] v;
        private final float[] d;
        private final MatrixView out;
        private final MachineArray logSums;
        private final Projections gradients;

        Run(Machine machine, RowAttentionKernels kernels, ElementType type, Case of) {
            this(machine, kernels, type, of, rows -> {});
        }

        /** @param change of the rows of each input */
        Run(Machine machine, RowAttentionKernels kernels, ElementType type, Case of, Consumer<float[]> change) {
            this(new Values(machine, type, of.seed()), kernels, of, change);
        }

        private Run(Values values, RowAttentionKernels kernels, Case of, Consumer<float[]> change) {
            this.of = of;
            this.values = values;
            int rows = of.rows();
            int wide = of.rule().queryWidth();
            int narrow = of.rule().keyValueWidth();
            q = inExamples(wide);
            k = inExamples(narrow);
            v = inExamples(narrow);
            d = inExamples(wide);
            List.of(q, k, v, d).forEach(change);
            out = values.fresh(rows, wide, of.gap());
            logSums = values.fresh((long) rows * of.rule().heads());
            gradients = new Projections(
                    values.fresh(rows, wide, of.gap()),
                    values.fresh(rows, narrow, of.gap()),
                    values.fresh(rows, narrow, of.gap()));
            Projections inputs = new Projections(
                    values.in(q, rows, wide, of.gap()),
                    values.in(k, rows, narrow, of.gap()),
                    values.in(v, rows, narrow, of.gap()));
            MachineArray starts = values.in(of.starts());
            Attended attended = new Attended(out, logSums);
            kernels.forward(inputs, starts, of.rule(), attended);
            kernels.gradient(
                    inputs,
                    starts,
                    of.rule(),
                    attended,
                    values.in(d, rows, wide, of.gap()),
                    values.fresh((long) rows * of.rule().heads()),
                    gradients);
        }

        /** Rows that belong to no example hold what must not be read. */
        private float[] inExamples(int columns) {
            float[] numbers = values.normal(of.rows() * columns);
            Arrays.fill(numbers, (of.rows() - of.slack()) * columns, numbers.length, Float.NaN);
            return numbers;
        }

        RowAttentionReference reference(FactorRounding rounding) {
            return new RowAttentionReference(
                            of.rule(),
                            of.starts(),
                            of.rows(),
                            Values.widened(q),
                            Values.widened(k),
                            Values.widened(v),
                            values.unit(),
                            rounding)
                    .forward()
                    .backward(Values.widened(d));
        }

        double[][] results() {
            return new double[][] {
                values.get(out),
                values.get(logSums),
                values.get(gradients.queries()),
                values.get(gradients.keys()),
                values.get(gradients.values())
            };
        }

        @Override
        public void close() {
            values.close();
        }
    }

    public static void attention(Machine machine, RowAttentionKernels kernels, ElementType type, Case of) {
        attention(machine, kernels, type, of, ProductPrecision.FP32);
    }

    /** The definition with factors that are rounded to a precision. */
    public static void attention(
            Machine machine, RowAttentionKernels kernels, ElementType type, Case of, ProductPrecision precision) {
        try (Run run = new Run(machine, kernels, type, of)) {
            RowAttentionReference expected = run.reference(FactorRounding.of(precision));
            double[][] got = run.results();
            Values.assertClose("out", expected.out, expected.outErrors, got[0]);
            Values.assertClose("log sums", expected.logSums, expected.logErrors, got[1]);
            Values.assertClose("gradient of queries", expected.dq, expected.dqErrors, got[2]);
            Values.assertClose("gradient of keys", expected.dk, expected.dkErrors, got[3]);
            Values.assertClose("gradient of values", expected.dv, expected.dvErrors, got[4]);
        }
    }

    /** Two machines write the same bytes. */
    public static void equalBytes(
            Function<Machine, RowAttentionKernels> kernels, Machine one, Machine other, ElementType type, Case of) {
        try (Run first = new Run(one, kernels.apply(one), type, of);
                Run second = new Run(other, kernels.apply(other), type, of)) {
            assertArrayEquals(first.results(), second.results());
        }
    }

    /** What a query does not see has no weight at all, however large: neither forward nor backward. */
    public static void unseen(Machine machine, RowAttentionKernels kernels, ElementType type) {
        Rule rule = rule(1, 1, 2, true, 2);
        int rows = 70;
        try (Values values = new Values(machine, type, 31)) {
            float[] ones = new float[2 * rows];
            Arrays.fill(ones, 1);
            float[] large = new float[2 * rows]; // no precision rounds them
            for (int row = 0; row < rows; row++) {
                large[2 * row] = (float) Math.pow(-8, row % 7);
            }
            MatrixView out = values.fresh(rows, 2, 0);
            Attended attended = new Attended(out, values.fresh(rows));
            Projections inputs = new Projections(
                    values.in(new float[2 * rows], rows, 2, 0),
                    values.in(ones, rows, 2, 0),
                    values.in(large, rows, 2, 0));
            MachineArray starts = values.in(new int[] {0, rows});
            kernels.forward(inputs, starts, rule, attended);
            double[] got = values.get(out);
            for (int row = 0; row < rows; row++) {
                double expected = row == 0 ? 1 : (large[2 * row] + (double) large[2 * row - 2]) / 2;
                assertEquals(expected, got[2 * row], 8 * values.unit() * 0x1p18, "row " + row);
                assertEquals(0, got[2 * row + 1]);
            }
        }
    }

    /** Exponentials of scores that floats do not hold: every key outweighs all before it. */
    public static void greatScores(Machine machine, RowAttentionKernels kernels, ElementType type) {
        Rule rule = rule(1, 1, 1, true);
        int rows = 140;
        try (Values values = new Values(machine, type, 33)) {
            float[] ones = new float[rows];
            Arrays.fill(ones, 1);
            float[] rising = new float[rows];
            for (int row = 0; row < rows; row++) {
                rising[row] = 256 * row; // 8 bits, which no precision rounds
            }
            float[] v = new float[rows];
            for (int row = 0; row < rows; row++) {
                v[row] = values.random().nextInt(255) - 127;
            }
            MatrixView out = values.fresh(rows, 1, 0);
            MachineArray logSums = values.fresh(rows);
            Projections inputs = new Projections(
                    values.in(ones, rows, 1, 0), values.in(rising, rows, 1, 0), values.in(v, rows, 1, 0));
            kernels.forward(inputs, values.in(new int[] {0, rows}), rule, new Attended(out, logSums));
            assertArrayEquals(Values.widened(v), values.get(out));
            assertArrayEquals(Values.widened(rising), values.get(logSums));
        }
    }

    /** Two equal examples have the same bytes, wherever they lie and whatever lies beside them. */
    public static void anywhere(Machine machine, RowAttentionKernels kernels, ElementType type) {
        int length = 90;
        int place = 13;
        int other = place + length + 1;
        Case of = new Case(rule(2, 1, 10, true, 70), new int[] {place, length, 1, length}, 2, 0, 34);
        try (Run run = new Run(machine, kernels, type, of, rows -> {
            int width = rows.length / of.rows();
            System.arraycopy(rows, place * width, rows, other * width, length * width);
        })) {
            for (double[] rows : run.results()) {
                int width = rows.length / of.rows();
                assertArrayEquals(
                        Arrays.copyOfRange(rows, place * width, (place + length) * width),
                        Arrays.copyOfRange(rows, other * width, (other + length) * width));
            }
        }
    }

    /** Rows that lie at multiples of 16 bytes have the results of those that do not, which are copied otherwise, bit for bit. */
    public static void atAnyAddress(Machine machine, RowAttentionKernels kernels, ElementType type) {
        // 17 numbers a head: of the last 16 bytes of a row only some are its own
        Rule rule = rule(1, 1, 17, true, 70);
        Case of = new Case(rule, new int[] {67, 80}, 1, 3, 37);
        try (Run odd = new Run(new Values(machine, type, of.seed()), kernels, of, rows -> {});
                Run even = new Run(new Values(machine, type, of.seed(), 4), kernels, of, rows -> {})) {
            assertArrayEquals(odd.results(), even.results());
        }
    }

    /** A text so long that its queries are in hand by the hundred has the same bytes alone and among others. */
    public static void alone(Machine machine, RowAttentionKernels kernels, ElementType type) {
        int length = 270;
        int place = 13;
        Rule rule = rule(12, 12, 4, false);
        List<float[]> inputs = new ArrayList<>();
        Case single = new Case(rule, new int[] {length}, 0, 0, 35);
        Case many = new Case(rule, new int[] {place, length, 30, length, 5, 40, 3, 8}, 0, 0, 36);
        try (Run expected = new Run(machine, kernels, type, single, rows -> inputs.add(rows.clone()));
                Run found = new Run(machine, kernels, type, many, rows -> {
                    float[] own = inputs.remove(0);
                    System.arraycopy(own, 0, rows, place * (own.length / length), own.length);
                })) {
            double[][] of = expected.results();
            for (int k = 0; k < of.length; k++) {
                double[] rows = of[k];
                int width = rows.length / length;
                double[] others = found.results()[k];
                assertArrayEquals(rows, Arrays.copyOfRange(others, place * width, (place + length) * width));
            }
        }
    }

    /** A number that is none stays in its example. */
    public static void notANumber(Machine machine, RowAttentionKernels kernels, ElementType type) {
        Rule rule = rule(2, 2, 4, false);
        try (Values values = new Values(machine, type, 32)) {
            float[] q = values.normal(20 * 8);
            q[8 * 12 + 5] = Float.NaN;
            MatrixView out = values.fresh(20, 8, 0);
            Projections inputs = new Projections(
                    values.in(q, 20, 8, 0),
                    values.in(values.normal(20 * 8), 20, 8, 0),
                    values.in(values.normal(20 * 8), 20, 8, 0));
            kernels.forward(inputs, values.in(new int[] {0, 10, 20}), rule, new Attended(out, values.fresh(20 * 2)));
            double[] got = values.get(out);
            for (int i = 0; i < got.length; i++) {
                assertEquals(i / 8 == 12 && i % 8 >= 4, Double.isNaN(got[i]), "place " + i);
            }
        }
    }

    /** The reference's gradient is the derivative of its forward pass, by central differences in double. */
    public static void theReferenceIsDifferentiated(Case of) {
        int rows = of.rows();
        Random random = new Random(of.seed());
        double[][] inputs = new double[3][];
        int[] widths = {
            of.rule().queryWidth(), of.rule().keyValueWidth(), of.rule().keyValueWidth()
        };
        for (int which = 0; which < 3; which++) {
            inputs[which] =
                    random.doubles(rows * (long) widths[which], -1.5, 1.5).toArray();
        }
        double[] d = random.doubles(rows * (long) widths[0], -1, 1).toArray();
        RowAttentionReference at = forward(of, inputs).backward(d);
        double[][] gradients = {at.dq, at.dk, at.dv};
        for (int which = 0; which < 3; which++) {
            for (int i = 0; i < inputs[which].length; i++) {
                double there = inputs[which][i];
                inputs[which][i] = there + STEP;
                double above = dot(d, forward(of, inputs).out);
                inputs[which][i] = there - STEP;
                double below = dot(d, forward(of, inputs).out);
                inputs[which][i] = there;
                // Third derivatives are of the order of 10, the sums of the order of 10 with 16 digits.
                double difference = (above - below) / (2 * STEP);
                assertEquals(difference, gradients[which][i], 1e-8, "input " + which + ", place " + i);
            }
        }
    }

    private static RowAttentionReference forward(Case of, double[]... inputs) {
        return new RowAttentionReference(
                        of.rule(), of.starts(), of.rows(), inputs[0], inputs[1], inputs[2], 0, FactorRounding.NONE)
                .forward();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Shapes that do not fit, and rules that are none. */
    public static void refusals(Machine machine, RowAttentionKernels kernels, ElementType type) {
        refused("key-value heads must divide the 4 heads, got 3", () -> rule(4, 3, 8, true));
        refused("a window is of causal attention, got one without", () -> rule(4, 2, 8, false, 3));
        refused("window must be >= 1, got 0", () -> rule(4, 2, 8, true, 0));
        try (Values values = new Values(machine, type, 33)) {
            MatrixView wide = values.fresh(3, 8, 0);
            MatrixView narrow = values.fresh(3, 4, 0);
            MachineArray starts = values.in(new int[] {0, 3});
            Attended to = new Attended(values.fresh(3, 8, 0), values.fresh(6));
            refused(
                    "keys must be [3, 4], got [3, 8]",
                    () -> kernels.forward(new Projections(wide, wide, narrow), starts, rule(2, 1, 4, true), to));
            refused(
                    "logSums must be FLOAT or DOUBLE[3], got",
                    () -> kernels.forward(new Projections(wide, wide, wide), starts, rule(1, 1, 8, true), to));
        }
    }
}
