/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A table of texts and numbers.
 *
 * @param header names of the columns, at least one
 * @param rows as many cells each
 */
public record HtmlTable(List<String> header, List<List<String>> rows) implements HtmlView {

    /** Of numbers that are not whole. */
    private static final int DIGITS = 4;

    /** @throws IllegalArgumentException if there is no column, or a row has another number of cells */
    public HtmlTable {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        if (header.isEmpty()) {
            throw new IllegalArgumentException("a table must have a column, got none");
        }
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(
                        "a row must have " + header.size() + " cells, one a column, got " + row.size());
            }
        }
    }

    /** An empty table with these columns. */
    public static HtmlTable of(String... columns) {
        return new HtmlTable(List.of(columns), List.of());
    }

    /**
     * With one row more.
     *
     * @param cells texts as they are; whole numbers with separators, others with four significant digits
     */
    public HtmlTable row(Object... cells) {
        List<List<String>> all = new ArrayList<>(rows);
        all.add(Arrays.stream(cells).map(HtmlTable::words).toList());
        return new HtmlTable(header, all);
    }

    private static String words(Object cell) {
        if (cell == null) {
            throw new IllegalArgumentException("a cell must be given");
        }
        if (cell instanceof Number number) {
            return isWhole(number) ? String.format(Locale.ROOT, "%,d", number) : number(number.doubleValue());
        }
        return cell.toString();
    }

    private static boolean isWhole(Number number) {
        return number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || number instanceof BigInteger;
    }

    /** Four significant digits; powers of ten only where they are shorter. */
    public static String number(double value) {
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
            return value == 0 ? "0" : Double.toString(value);
        }
        double size = Math.abs(value);
        if (size >= 1e6 || size < 1e-4) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** An upper bound with four significant digits; what they say, read as a double, is never below what it is. */
    public static String atMost(double bound) {
        return rounded(bound, RoundingMode.CEILING);
    }

    /** A lower bound with four significant digits; what they say, read as a double, is never above what it is. */
    public static String atLeast(double bound) {
        return rounded(bound, RoundingMode.FLOOR);
    }

    private static String rounded(double bound, RoundingMode mode) {
        if (bound == 0 || Double.isNaN(bound) || Double.isInfinite(bound)) {
            return number(bound);
        }
        // a bound that four digits name, such as 0.1, is not what the binary number differs from them by
        BigDecimal shortest = BigDecimal.valueOf(bound);
        BigDecimal exact = shortest.precision() <= DIGITS ? shortest : new BigDecimal(bound);
        return number(exact.round(new MathContext(DIGITS, mode)).doubleValue());
    }

    @Override
    public String toHtml() {
        return Html.fragment().table(header, rows).markup();
    }
}
