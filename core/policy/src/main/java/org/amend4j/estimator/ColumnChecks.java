/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/** Checks of columns of numbers. */
final class ColumnChecks {

    private ColumnChecks() {}

    static void finite(String what, double[] column) {
        for (int row = 0; row < column.length; row++) {
            if (!Double.isFinite(column[row])) {
                throw new IllegalArgumentException(what + " must be finite, got " + column[row] + " (row " + row + ")");
            }
        }
    }

    static void count(String what, int length, int rows) {
        if (length != rows) {
            throw new IllegalArgumentException(what + " must have one number a row, " + rows + ", got " + length);
        }
    }

    static void some(String what, double[] column) {
        if (column.length == 0) {
            throw new IllegalArgumentException(what + " must have at least one row, got none");
        }
    }
}
