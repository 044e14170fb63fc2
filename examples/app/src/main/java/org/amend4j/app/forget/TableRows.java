/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.amend4j.data.CsvTable;
import org.amend4j.record.RecordBytes;
import org.amend4j.record.RecordBytes.Part;
import org.amend4j.record.RecordRows;

/**
 * The rows of a table in the form that a network takes.
 *
 * @param table what was read, flaws allowed
 * @param outputs of the network; 1: labels are 0 and 1, else one-hot
 * @param scaling in the order of the table's features
 */
record TableRows(CsvTable table, int outputs, RowScaling scaling) implements RecordRows {

    @Override
    public int size() {
        return table.size();
    }

    /** The subject that a row names, or else the row is a subject of its own, named by the number of its record, from 1. */
    String name(int row, int record) {
        return table.subjects().isEmpty()
                ? Integer.toString(record + 1)
                : table.subjects().get(row);
    }

    @Override
    public OptionalLong unit(int row) {
        return table.subjects().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(SubjectTable.number(table.subjects().get(row)));
    }

    double[] features(int row) {
        double[] features = new double[table.length()];
        Arrays.setAll(features, column -> table.value(row, column));
        scaling.applyInPlace(features);
        return features;
    }

    double[] labels(int row) {
        double[] labels = new double[outputs];
        if (outputs == 1) {
            labels[0] = table.label(row);
        } else {
            labels[table.label(row)] = 1;
        }
        return labels;
    }

    @Override
    public Optional<byte[]> content(int row) {
        if (table.flaw(row).isPresent()) {
            return Optional.empty();
        }
        double[] features = features(row);
        double[] labels = labels(row);
        return Optional.of(new RecordBytes()
                .add(Part.FEATURES, new long[] {features.length}, features)
                .add(Part.LABELS, new long[] {labels.length}, labels)
                .toBytes());
    }

    /**
     * Whether a row at a forgotten record's place may be the record: readable, and of the subject, or at least not blank where rows do not
     * name their subjects.
     */
    boolean mayBe(int row, long subject) {
        return table.flaw(row).isEmpty()
                && (unit(row).isPresent()
                        ? unit(row).getAsLong() == subject
                        : IntStream.range(0, table.length()).anyMatch(column -> table.value(row, column) != 0));
    }
}
