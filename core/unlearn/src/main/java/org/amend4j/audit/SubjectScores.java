/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.internal.validation.Checks;

/**
 * One row of numbers per subject: the mean over the subject's records. Means rather than extremes, because the maximum over many
 * records is larger than over few, so that an attack would detect how many records subjects have. Immutable.
 */
public final class SubjectScores implements Serializable {

    private static final long serialVersionUID = 1;

    private final long[] subjects;
    private final double[][] rows;

    private SubjectScores(long[] subjects, double[][] rows) {
        this.subjects = subjects;
        this.rows = rows;
    }

    /**
     * One number per record.
     *
     * @param what the numbers, for messages: "loss of the deleted"
     * @param perRecord finite, at least one
     * @param subjects the subject of each record
     */
    public static SubjectScores of(String what, double[] perRecord, long[] subjects) {
        double[][] rows = new double[perRecord.length][];
        Arrays.setAll(rows, i -> new double[] {perRecord[i]});
        return ofRows(what, rows, subjects);
    }

    /**
     * One row per record.
     *
     * @param what the rows, for messages
     * @param perRecord [records][columns], finite, at least one record and one column, all rows as long as the first
     * @param subjects the subject of each record
     */
    public static SubjectScores ofRows(String what, double[][] perRecord, long[] subjects) {
        checkRows(what, perRecord);
        if (subjects.length != perRecord.length) {
            throw new IllegalArgumentException("each record needs a subject: got " + perRecord.length + " records of "
                    + what + " and " + subjects.length + " subjects");
        }
        Map<Long, Mean> means = new LinkedHashMap<>();
        for (int i = 0; i < subjects.length; i++) {
            means.computeIfAbsent(subjects[i], subject -> new Mean(perRecord[0].length))
                    .add(perRecord[i]);
        }
        return new SubjectScores(
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

    /** The number of subjects. */
    public int size() {
        return subjects.length;
    }

    /** The number of columns. */
    public int columns() {
        return rows[0].length;
    }

    /** Subjects in the order of their first record; a copy. */
    public long[] subjects() {
        return subjects.clone();
    }

    /** One column, a number per subject in the order of {@link #subjects}; a copy. */
    public double[] column(int column) {
        return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
    }

    /** [subjects][columns], in the order of {@link #subjects}; a copy. */
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
