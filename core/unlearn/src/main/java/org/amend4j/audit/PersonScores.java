/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.validation.Checks;

/**
 * One row of numbers per person: the mean over the person's records. Means and not extremes, because the largest of many
 * records is larger than that of a few, which would make an attack detect how many records people have. Immutable.
 */
public final class PersonScores {

    private final long[] owners;
    private final double[][] rows;

    private PersonScores(long[] owners, double[][] rows) {
        this.owners = owners;
        this.rows = rows;
    }

    /**
     * One number per record.
     *
     * @param what the numbers, for messages: "loss of the deleted"
     * @param perRecord finite, at least one
     * @param owners whose each record is
     */
    public static PersonScores of(String what, double[] perRecord, long[] owners) {
        double[][] rows = new double[perRecord.length][];
        Arrays.setAll(rows, i -> new double[] {perRecord[i]});
        return ofRows(what, rows, owners);
    }

    /**
     * One row per record.
     *
     * @param what the rows, for messages
     * @param perRecord [records][columns], finite, at least one record and one column, all rows as long as the first
     * @param owners whose each record is
     */
    public static PersonScores ofRows(String what, double[][] perRecord, long[] owners) {
        checkRows(what, perRecord);
        if (owners.length != perRecord.length) {
            throw new IllegalArgumentException("each record needs an owner: got " + perRecord.length + " records of "
                    + what + " and " + owners.length + " owners");
        }
        Map<Long, Mean> means = new LinkedHashMap<>();
        for (int i = 0; i < owners.length; i++) {
            means.computeIfAbsent(owners[i], owner -> new Mean(perRecord[0].length))
                    .add(perRecord[i]);
        }
        return new PersonScores(
                means.keySet().stream().mapToLong(Long::longValue).toArray(),
                means.values().stream().map(mean -> mean.values).toArray(double[][]::new));
    }

    static void checkRows(String what, double[][] rows) {
        Checks.atLeast(1, "the number of records of " + what, rows.length);
        int columns = Checks.atLeast(1, "the number of columns of " + what, rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new IllegalArgumentException("all rows of " + what + " must be as long as the first (" + columns
                        + "), got " + rows[i].length + " in row " + i);
            }
            for (double value : rows[i]) {
                Checks.finite(what + ", record " + i + ",", value);
            }
        }
    }

    /** The number of persons. */
    public int size() {
        return owners.length;
    }

    /** The number of columns. */
    public int columns() {
        return rows[0].length;
    }

    /** Persons in the order of their first record; a copy. */
    public long[] owners() {
        return owners.clone();
    }

    /** One column, a number per person in the order of {@link #owners}; a copy. */
    public double[] column(int column) {
        return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
    }

    /** [persons][columns], in the order of {@link #owners}; a copy. */
    public double[][] rows() {
        return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    }

    private static final class Mean {

        private final double[] values;
        private int count;

        private Mean(int columns) {
            values = new double[columns];
        }

        private void add(double[] row) {
            count++;
            for (int j = 0; j < row.length; j++) {
                values[j] += (row[j] - values[j]) / count;
            }
        }
    }
}
