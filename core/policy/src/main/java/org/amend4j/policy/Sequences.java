/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;

/** Sequences that lie behind each other in rows, and side by side, padded with zeros, in a batch. */
final class Sequences {

    private final int[] lengths;
    private final int longest;
    private final int rows;

    /** @throws IllegalArgumentException if there is no sequence, or a length is below 1 */
    Sequences(int[] lengths) {
        this.rows = rows(lengths);
        this.lengths = lengths.clone();
        this.longest = Arrays.stream(lengths).max().orElseThrow();
    }

    /**
     * Their sum.
     *
     * @throws IllegalArgumentException if there is none, or one is below 1
     */
    static int rows(int[] lengths) {
        if (lengths.length == 0 || Arrays.stream(lengths).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "a pass needs at least 1 sequence, each of length >= 1, got " + Arrays.toString(lengths));
        }
        return Arrays.stream(lengths).reduce(0, Math::addExact);
    }

    int count() {
        return lengths.length;
    }

    int longest() {
        return longest;
    }

    int rows() {
        return rows;
    }

    /** Where a number of a batch is. */
    private interface Place {
        int of(int sequence, int time, int column);
    }

    /** [count, width, longest]. */
    private Place byTimeLast(int width) {
        return (sequence, time, column) -> (sequence * width + column) * longest + time;
    }

    /** [longest · count, width], as Deeplearning4j lines up time steps for a dense layer. */
    private Place byTimeFirst(int width) {
        return (sequence, time, column) -> (time * count() + sequence) * width + column;
    }

    private Place place(boolean timeLast, int width) {
        return timeLast ? byTimeLast(width) : byTimeFirst(width);
    }

    /**
     * Some columns of rows as a batch.
     *
     * @param from [rows, stride]
     * @param first the first of {@code width} columns
     * @param timeLast [count, width, longest], else [longest · count, width]
     */
    double[] batch(double[] from, int stride, int first, int width, boolean timeLast) {
        double[] batch = new double[Math.multiplyExact(Math.multiplyExact(count(), longest), width)];
        Place place = place(timeLast, width);
        forEachRow((sequence, time, row) -> {
            for (int column = 0; column < width; column++) {
                batch[place.of(sequence, time, column)] = from[row * stride + first + column];
            }
        });
        return batch;
    }

    /** The reverse of {@link #batch}; padding is left out. */
    void rows(double[] batch, boolean timeLast, double[] into, int stride, int first, int width) {
        Place place = place(timeLast, width);
        forEachRow((sequence, time, row) -> {
            for (int column = 0; column < width; column++) {
                into[row * stride + first + column] = batch[place.of(sequence, time, column)];
            }
        });
    }

    private interface RowVisitor {
        void visit(int sequence, int time, int row);
    }

    private void forEachRow(RowVisitor visitor) {
        int row = 0;
        for (int sequence = 0; sequence < lengths.length; sequence++) {
            for (int time = 0; time < lengths[sequence]; time++) {
                visitor.visit(sequence, time, row++);
            }
        }
    }
}
