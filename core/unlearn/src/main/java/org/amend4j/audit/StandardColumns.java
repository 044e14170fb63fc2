/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;

/** Columns to mean 0 and mean square 1, behind a 1 for the intercept. */
final class StandardColumns {

    /** A column that varies less, relatively, varies by rounding. */
    private static final double ROUNDING = 1e-12;

    private final double[] centre;
    private final double[] scale;

    private StandardColumns(int columns) {
        centre = new double[columns];
        scale = new double[columns];
    }

    static StandardColumns of(double[][] rows) {
        StandardColumns standard = new StandardColumns(rows[0].length);
        for (int j = 0; j < rows[0].length; j++) {
            int column = j;
            double mean = Arrays.stream(rows)
                    .mapToDouble(row -> row[column] / rows.length)
                    .sum();
            double square = Arrays.stream(rows)
                    .mapToDouble(row -> (row[column] - mean) * (row[column] - mean) / rows.length)
                    .sum();
            double largest = Arrays.stream(rows)
                    .mapToDouble(row -> Math.abs(row[column]))
                    .max()
                    .orElseThrow();
            standard.centre[j] = mean;
            standard.scale[j] = Math.sqrt(square) > ROUNDING * largest ? 1 / Math.sqrt(square) : 0;
        }
        return standard;
    }

    double[] apply(double[] row) {
        double[] with = new double[row.length + 1];
        with[0] = 1;
        for (int j = 0; j < row.length; j++) {
            with[j + 1] = (row[j] - centre[j]) * scale[j];
        }
        return with;
    }
}
