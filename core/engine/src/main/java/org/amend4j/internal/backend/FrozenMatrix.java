/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ProductPrecision;
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
 * @param leading from one row, as they are stored, to the next
 */
public record FrozenMatrix(
        MachineArray values,
        int inner,
        int columns,
        boolean transposed,
        long rows,
        ProductPrecision precision,
        int leading) {

    public FrozenMatrix {
        Checks.present("values", values);
        Checks.present("precision", precision);
        Checks.atLeast(1, "inner", inner);
        Checks.atLeast(1, "columns", columns);
        if (rows < 1) {
            throw new IllegalArgumentException("rows must be >= 1, got " + rows);
        }
        int stored = transposed ? columns : inner;
        int each = transposed ? inner : columns;
        Checks.atLeast(each, "leading", leading);
        if (values.length() != (long) (stored - 1) * leading + each) {
            throw new IllegalArgumentException("a matrix [" + inner + ", " + columns + "] has " + (long) inner * columns
                    + " numbers, got " + values);
        }
    }

    /** A matrix without anything between its rows. */
    public FrozenMatrix(
            MachineArray values, int inner, int columns, boolean transposed, long rows, ProductPrecision precision) {
        this(values, inner, columns, transposed, rows, precision, transposed ? inner : columns);
    }

    /** Whether there is nothing between its rows as they are stored. */
    boolean isGapless() {
        return leading == (transposed ? inner : columns);
    }
}
