/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

/** The separators between a table's cells: a comma, or those that databases and spreadsheets of other countries write. */
public final class Separators {

    private Separators() {}

    /** The most frequent of comma, semicolon and tab in a table's first line; a comma where none is. */
    public static char of(String firstLine) {
        char most = ',';
        for (char candidate : new char[] {';', '\t'}) {
            most = count(firstLine, candidate) > count(firstLine, most) ? candidate : most;
        }
        return most;
    }

    private static long count(String line, char wanted) {
        return line.chars().filter(c -> c == wanted).count();
    }
}
