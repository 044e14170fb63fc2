/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

/** How the elements of a matrix follow each other in memory. */
public enum MatrixOrder {
    /** Rows are contiguous (C). */
    ROWS,
    /** Columns are contiguous (Fortran). */
    COLUMNS
}
