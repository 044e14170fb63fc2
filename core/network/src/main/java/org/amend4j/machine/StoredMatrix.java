/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.internal.validation.Checks;

/**
 * A matrix that never changes and is kept in few bits, to multiply rows of numbers with.
 *
 * @param values row after row
 * @param inner numbers of a row that is multiplied
 * @param columns numbers of a row of the result
 * @param transposed whether it is stored as [columns, inner], not as [inner, columns]
 */
public record StoredMatrix(StoredNumbers values, int inner, int columns, boolean transposed) {

    public StoredMatrix {
        Checks.present("values", values);
        Checks.atLeast(1, "inner", inner);
        Checks.atLeast(1, "columns", columns);
        if (values.length() != (long) inner * columns) {
            throw new IllegalArgumentException("a matrix [" + inner + ", " + columns + "] has " + (long) inner * columns
                    + " numbers, got " + values);
        }
    }
}
