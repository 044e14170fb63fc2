/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.internal.validation.Checks;

/**
 * A matrix that never changes, to multiply rows of numbers with.
 *
 * @param values row after row; they must stay as they are
 * @param inner numbers of a row that is multiplied
 * @param columns numbers of a row of the result
 * @param transposed whether it is stored as [columns, inner], not as [inner, columns]
 * @param rows the most of a product, to choose by
 * @param precision what rows and matrix are rounded to before they are multiplied
 */
public record FrozenMatrix(
        MachineArray values, int inner, int columns, boolean transposed, long rows, ProductPrecision precision) {

    public FrozenMatrix {
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
