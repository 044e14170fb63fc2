/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.io.Serializable;
import org.amend4j.objective.Precision;
import org.apache.spark.sql.Row;

/** Makes records of rows, on executors: first the bytes that are sent to a row's block, and from these its numbers. */
public interface RowReader extends Serializable {

    /**
     * What a row holds.
     *
     * @param row of {@link RecordColumns#columns}
     * @throws IllegalArgumentException in one sentence, with the record's id, for a row that is no record
     */
    RowRecord read(Row row);

    /** The type of a record's numbers. */
    Precision precision();

    /** The shape of a record's features. */
    long[] shape();

    /** How many numbers a record's label has. */
    int labels();

    /**
     * The features of a record.
     *
     * @param into gets them from place {@code at} on
     */
    void features(RowRecord row, double[] into, int at);

    /**
     * The label of a record.
     *
     * @param into gets it from place {@code at} on; zeros there until now
     */
    void label(RowRecord row, double[] into, int at);
}
