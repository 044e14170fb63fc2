/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.List;
import org.amend4j.internal.validation.Checks;

/** Copies of many small matrices from one array into another, all at once. */
public abstract class PieceKernels {

    /**
     * A matrix of gapless rows, and where it goes.
     *
     * @param from its first element in the one array
     * @param to its first element in the other
     * @param stride from one row to the next there
     * @param turned whether its columns become rows there
     */
    public record Piece(long from, int rows, int columns, long to, int stride, boolean turned) {

        public Piece {
            Checks.atLeast(1, "rows", rows);
            Checks.atLeast(1, "columns", columns);
            Checks.atLeast(turned ? rows : columns, "stride", stride);
            if (from < 0 || to < 0) {
                throw new IllegalArgumentException("places must be >= 0, got " + from + " and " + to);
            }
        }

        private long length() {
            return (long) rows * columns;
        }

        private long behind() {
            return to + (long) ((turned ? columns : rows) - 1) * stride + (turned ? rows : columns);
        }

        private int[] words(int before) {
            return new int[] {before, low(from), high(from), rows, columns, low(to), high(to), stride, turned ? 1 : 0};
        }

        private static int low(long value) {
            return (int) value;
        }

        private static int high(long value) {
            return (int) (value >> Integer.SIZE);
        }
    }

    /** Ints of a piece in a {@link Pieces#table}: how many numbers the pieces before it have, both halves of from, rows, columns, both halves of to, stride, turned. */
    public static final int WORDS = 9;

    /** Pieces on a machine; different ones do not overlap where they go. */
    public static final class Pieces implements AutoCloseable {

        private final List<Piece> all;
        private final MachineArray table;

        private Pieces(List<Piece> all, MachineArray table) {
            this.all = all;
            this.table = table;
        }

        /**
         * Sends a list of pieces to a machine.
         *
         * @param all at least one
         */
        public static Pieces on(Machine machine, String owner, List<Piece> all) {
            Checks.atLeast(1, "pieces", all.size());
            int[] words = new int[Math.multiplyExact(all.size(), WORDS)];
            int before = 0;
            for (int k = 0; k < all.size(); k++) {
                System.arraycopy(all.get(k).words(before), 0, words, k * WORDS, WORDS);
                before = Math.toIntExact(before + all.get(k).length());
            }
            return new Pieces(List.copyOf(all), machine.allocate(owner, words));
        }

        public List<Piece> all() {
            return all;
        }

        /** {@link #WORDS} ints of each. */
        public MachineArray table() {
            return table;
        }

        /** Numbers of all. */
        public int length() {
            return Math.toIntExact(all.stream().mapToLong(Piece::length).sum());
        }

        private long behindFrom() {
            return all.stream()
                    .mapToLong(piece -> piece.from() + piece.length())
                    .max()
                    .orElseThrow();
        }

        private long behindTo() {
            return all.stream().mapToLong(Piece::behind).max().orElseThrow();
        }

        @Override
        public void close() {
            table.close();
        }
    }

    /**
     * Copies all of them; other elements stay as they are.
     *
     * @param to of the type of {@code from}; on devices also of bfloat16 numbers, to which floats are rounded, to nearest even
     */
    public final void copy(MachineArray from, Pieces pieces, MachineArray to) {
        Shapes.requireAtLeast("the array of pieces", from, pieces.behindFrom());
        Shapes.requireRoom("the array for pieces", to, pieces.behindTo());
        computeCopy(from, pieces, to);
    }

    protected abstract void computeCopy(MachineArray from, Pieces pieces, MachineArray to);
}
