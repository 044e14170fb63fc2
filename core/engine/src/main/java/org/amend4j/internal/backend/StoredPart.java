/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * A rectangle of a matrix that is kept in few bits.
 *
 * @param numbers the matrix, row after row
 * @param width of the matrix, numbers of a row
 */
public record StoredPart(StoredNumbers numbers, int width, int firstRow, int rows, int firstColumn, int columns) {

    public StoredPart {
        Checks.present("numbers", numbers);
        Checks.atLeast(1, "width", width);
        Checks.atLeast(0, "firstRow", firstRow);
        Checks.atLeast(1, "rows", rows);
        Checks.inRange(0, width - 1, "firstColumn", firstColumn);
        Checks.inRange(1, width - firstColumn, "columns", columns);
        if (((long) firstRow + rows) * width > numbers.length()) {
            throw new IllegalArgumentException("rows " + firstRow + " to " + ((long) firstRow + rows - 1) + " of "
                    + width + " numbers are not all in " + numbers);
        }
        if ((long) rows * columns > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a part must have less than 2^31 numbers, got [" + rows + ", " + columns + "]");
        }
    }

    /** How many numbers it has. */
    public int length() {
        return rows * columns;
    }
}
