/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** Rows by number. */
@FunctionalInterface
interface Table {

    /** Copies a row. */
    void row(int index, float[] to);

    /** Of an array [rows, width]. */
    static Table of(float[] values, int width) {
        return (index, to) -> System.arraycopy(values, index * width, to, 0, width);
    }
}
