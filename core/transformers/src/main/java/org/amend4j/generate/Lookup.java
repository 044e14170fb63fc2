/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * Rows of a table by number, and what an adapter makes of them.
 *
 * @param module its path in the model, by which adapters name it
 * @param rows how many the table has
 * @param width numbers in a row
 */
record Lookup(String module, Table table, int rows, int width) {

    /** Row {@code index} for a token. */
    void apply(Row token, int index, float[] to) {
        table.row(index, to);
        token.sequence().adapter(this).ifPresent(adapted -> adapted.apply(index, to));
    }
}
