/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.validation.Checks;

/**
 * A matrix that never changes and is kept in few bits, to multiply rows of numbers with.
 *
 * @param values row after row
 * @param inner numbers of a row that is multiplied
 * @param columns numbers of a row of the result
 * @param transposed whether it is stored as [columns, inner], not as [inner, columns]
 * @param rows of most products, to choose by; there may be more
 * @param precision what rows and decoded matrix are rounded to before they are multiplied
 */
public record StoredMatrix(
        StoredNumbers values, int inner, int columns, boolean transposed, long rows, ProductPrecision precision) {

    public StoredMatrix {
        Checks.present("values", values);
        Checks.present("precision", precision);
        Checks.atLeast(1, "inner", inner);
        Checks.atLeast(1, "columns", columns);
        if (rows < 1) {
            throw new IllegalArgumentException("rows must be >= 1, got " + rows);
        }
        if (values.length() != (long) inner * columns) {
            throw new IllegalArgumentException("a matrix [" + inner + ", " + columns + "] has " + (long) inner * columns
                    + " numbers, got " + values);
        }
    }
}
