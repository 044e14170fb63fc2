/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.LongFunction;
import org.amend4j.backend.ElementType;

/** Dropout by key against its definition, and masks against what independent draws would be. */
public final class DropoutLaws {

    private static final double PROBABILITY = 0.3;

    private DropoutLaws() {}

    /** Whether an element is dropped, written once more, in 64-bit integers. */
    public static boolean isDropped(long key, long stream, long row, int column, double probability) {
        long golden = 0x9E3779B97F4A7C15L;
        long bits = mixed(mixed(key + golden * stream + golden) + golden * row + golden);
        long lower = bits & 0xFFFFFFFFL;
        long upper = bits >>> 32;
        long u = mixed32(mixed32((lower + column * 0x9E3779B9L) & 0xFFFFFFFFL) ^ upper);
        return u / 2 < Math.round(probability * (1L << 31));
    }

    private static long mixed(long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static long mixed32(long h) {
        long z = h;
        z = (z ^ (z >>> 16)) * 0x7feb352dL & 0xFFFFFFFFL;
        z = (z ^ (z >>> 15)) * 0x846ca68bL & 0xFFFFFFFFL;
        return z ^ (z >>> 16);
    }

    private static MachineArray key(Values values, long key) {
        return values.in(new int[] {(int) key, (int) (key >>> 32)});
    }

    /** Dropped, in place, added, and in two pieces. */
    public static void definition(
            Machine machine, DropoutKernels kernels, ElementType type, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            long key = values.random().nextLong();
            long stream = values.random().nextInt();
            long first = values.random().nextInt(1 << 20);
            float[] x = values.normal(rows * columns);
            float[] before = values.normal(rows * columns);
            DropoutKernels.Mask mask = new DropoutKernels.Mask(key(values, key), stream, first, PROBABILITY);
            MatrixView in = values.in(x, rows, columns, gap);
            MatrixView to = values.fresh(rows, columns, gap);
            MatrixView sum = values.in(before, rows, columns, gap);
            kernels.drop(in, mask, to);
            kernels.addDropped(in, mask, sum);
            kernels.drop(in, mask, in);
            Expected expected = new Expected(x.length);
            Expected added = new Expected(x.length);
            for (int i = 0; i < x.length; i++) {
                boolean dropped = isDropped(key, stream, first + i / columns, i % columns, PROBABILITY);
                double value = dropped ? 0 : x[i] / (1 - PROBABILITY);
                double error = 2 * values.unit() * Math.abs(value); // the factor's rounding and the product's
                expected.set(i, value, error);
                added.set(i, before[i] + value, error + values.unit() * (Math.abs(before[i]) + Math.abs(value)));
            }
            expected.compare("dropped", values.get(to));
            added.compare("added", values.get(sum));
            assertArrayEquals(values.get(to), values.get(in), "in place");
            if (rows > 1 && columns > 0) {
                inPieces(kernels, values, mask, x, rows, columns);
            }
        }
    }

    /** Every row as the first of a piece. */
    private static void inPieces(
            DropoutKernels kernels, Values values, DropoutKernels.Mask mask, float[] x, int rows, int columns) {
        MatrixView whole = values.fresh(rows, columns, 0);
        kernels.drop(values.in(x, rows, columns, 0), mask, whole);
        double[] expected = values.get(whole);
        for (int row : new int[] {1, rows - 1}) {
            float[] rest = Arrays.copyOfRange(x, row * columns, x.length);
            MatrixView piece = values.fresh(rows - row, columns, 0);
            kernels.drop(
                    values.in(rest, rows - row, columns, 0),
                    new DropoutKernels.Mask(mask.key(), mask.stream(), mask.firstRow() + row, mask.probability()),
                    piece);
            assertArrayEquals(
                    Arrays.copyOfRange(expected, row * columns, expected.length), values.get(piece), "from row " + row);
        }
    }

    /** A recording draws with the key that is there when it is replayed. */
    public static void recorded(Machine machine, DropoutKernels kernels, ElementType type) {
        int rows = 3;
        int columns = 50;
        try (Values values = new Values(machine, type, 41)) {
            MatrixView ones = ones(values, rows, columns);
            MatrixView to = values.fresh(rows, columns, 0);
            MachineArray key = key(values, 1);
            DropoutKernels.Mask mask = new DropoutKernels.Mask(key, 0, 0, PROBABILITY);
            kernels.drop(ones, mask, to); // a device loads the kernel, which cannot be recorded
            try (Recording recording = machine.record(() -> kernels.drop(ones, mask, to))) {
                for (long each : new long[] {7, -8, 1L << 40}) {
                    kernels.setKey(key, each);
                    recording.replay();
                    double[] got = values.get(to);
                    for (int i = 0; i < got.length; i++) {
                        assertTrue(
                                (got[i] == 0) == isDropped(each, 0, i / columns, i % columns, PROBABILITY),
                                "element " + i + " with key " + each);
                    }
                }
            }
        }
    }

    private static MatrixView ones(Values values, int rows, int columns) {
        float[] ones = new float[rows * columns];
        Arrays.fill(ones, 1);
        return values.in(ones, rows, columns, 0);
    }

    /** Where nothing can be dropped, what is there stays as it is, to the bit. */
    public static void nothing(Machine machine, DropoutKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 42)) {
            MatrixView x = values.in(values.normal(40 * 7), 40, 7, 0);
            MatrixView to = values.fresh(40, 7, 0);
            kernels.drop(x, new DropoutKernels.Mask(key(values, 3), 1, 0, 0), to);
            assertArrayEquals(values.get(x), values.get(to));
        }
    }

    /**
     * Masks are like independent draws: how many are dropped, and how many of two neighbours in a row, in a column, in streams and
     * in keys are dropped both, is within 5 standard deviations (a chance of 6e-7 each for honest draws) of what is expected.
     */
    public static void independent(Machine machine, DropoutKernels kernels, ElementType type, double probability) {
        int rows = 200;
        int columns = 500;
        try (Values values = new Values(machine, type, 43)) {
            MatrixView ones = ones(values, rows, columns);
            MatrixView to = values.fresh(rows, columns, 0);
            LongFunction<boolean[]> dropped = number -> {
                // a key and a stream of each number
                kernels.drop(ones, new DropoutKernels.Mask(key(values, number / 2), number % 2, 0, probability), to);
                return zeros(values.get(to));
            };
            requireIndependent(dropped.apply(20), dropped.apply(21), dropped.apply(22), columns, probability);
        }
    }

    /** The same test refuses masks that ignore the row, the stream, the key, or the probability. */
    public static void twins() {
        int rows = 200;
        int columns = 500;
        boolean[] mask = mask(1, 0, rows, columns, 1);
        boolean[] stream = mask(1, 1, rows, columns, 1);
        boolean[] key = mask(2, 0, rows, columns, 1);
        requireIndependent(mask, stream, key, columns, PROBABILITY);
        boolean[] sameRows = mask(1, 0, rows, columns, 0);
        assertThrows(
                AssertionError.class,
                () -> requireIndependent(sameRows, stream, key, columns, PROBABILITY),
                "the row ignored");
        assertThrows(
                AssertionError.class,
                () -> requireIndependent(mask, mask, key, columns, PROBABILITY),
                "the stream ignored");
        assertThrows(
                AssertionError.class,
                () -> requireIndependent(mask, stream, mask, columns, PROBABILITY),
                "the key ignored");
        assertThrows(
                AssertionError.class,
                () -> requireIndependent(mask, stream, key, columns, PROBABILITY + 0.02),
                "another probability");
    }

    /** @param everyRow 1, or 0 to take the first one's mask for all */
    private static boolean[] mask(long key, long stream, int rows, int columns, int everyRow) {
        boolean[] mask = new boolean[rows * columns];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = isDropped(key, stream, (long) everyRow * (i / columns), i % columns, PROBABILITY);
        }
        return mask;
    }

    private static boolean[] zeros(double[] values) {
        boolean[] zeros = new boolean[values.length];
        for (int i = 0; i < zeros.length; i++) {
            zeros[i] = values[i] == 0;
        }
        return zeros;
    }

    /** @param stream and key of another one */
    private static void requireIndependent(
            boolean[] mask, boolean[] stream, boolean[] key, int columns, double probability) {
        require("elements", both(mask, 0, mask, 0, mask.length), mask.length, probability);
        double pair = probability * probability;
        require("neighbours in a row", both(mask, 0, mask, 1, mask.length - 1), mask.length - 1, pair);
        int below = mask.length - columns;
        require("neighbours in a column", both(mask, 0, mask, columns, below), below, pair);
        require("neighbours on a diagonal", both(mask, 0, mask, columns + 1, below - 1), below - 1, pair);
        require("two streams", both(mask, 0, stream, 0, mask.length), mask.length, pair);
        require("two keys", both(mask, 0, key, 0, mask.length), mask.length, pair);
        require(
                "the half of a row",
                both(mask, 0, mask, columns / 2, mask.length - columns / 2),
                mask.length - columns / 2,
                pair);
    }

    private static int both(boolean[] a, int fromA, boolean[] b, int fromB, int count) {
        int both = 0;
        for (int i = 0; i < count; i++) {
            both += a[fromA + i] && b[fromB + i] ? 1 : 0;
        }
        return both;
    }

    /**
     * Pairs that share an element correlate, though: the variance of Σ m_i m_{i+1} is n(p² − p⁴) + 2n(p³ − p⁴).
     */
    private static void require(String what, int found, int count, double probability) {
        double p = Math.sqrt(probability);
        double variance = count * (probability - probability * probability)
                + 2 * count * (probability * p - probability * probability);
        double away = Math.abs(found - count * probability) / Math.sqrt(variance);
        assertTrue(away < 5, what + ": " + found + " of " + count + ", expected " + count * probability);
    }
}
