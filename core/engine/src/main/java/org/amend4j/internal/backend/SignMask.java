/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * A bit for each element of a matrix: whether it is positive. Element (r, c) is bit c mod 32 of word r·{@link #wordsOfRow} + c/32; rows begin
 * at multiples of 128 bits, as cuBLASLt has them. Bits behind a row's last column are of no meaning.
 *
 * @param words {@link #words} ints
 */
public record SignMask(MachineArray words, int rows, int columns) {

    private static final int ROW_ALIGNMENT = 128;

    public SignMask {
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(1, "columns", columns);
        Shapes.requireInts("mask", words, words(rows, columns));
    }

    /** Ints of a row. */
    public static int wordsOfRow(int columns) {
        return Shapes.ceilDiv(columns, ROW_ALIGNMENT) * (ROW_ALIGNMENT / Integer.SIZE);
    }

    /** Ints of a mask. */
    public static long words(int rows, int columns) {
        return (long) rows * wordsOfRow(columns);
    }
}
