/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.nio.ByteBuffer;
import java.util.List;
import org.amend4j.objective.Precision;
import org.apache.spark.sql.Row;

/**
 * Reads rows of {@link TableColumns}. Features are packed as numbers of the records' type.
 *
 * @param subject the column of subjects; the id's if there is none
 */
record TableReader(String id, String subject, List<String> features, LabelColumns label, Precision precision)
        implements RowReader {

    private static final long serialVersionUID = 1;

    @Override
    public RowRecord read(Row row) {
        int place = 0;
        long number = Cells.id(id, row.get(place++));
        long owner = subject.equals(id) ? number : Cells.subject(number, subject, row.get(place++));
        ByteBuffer packed = ByteBuffer.allocate(features.size() * (precision == Precision.FLOAT ? 4 : 8));
        for (String feature : features) {
            double value = Cells.finite(number, feature, row.get(place++), precision);
            if (precision == Precision.FLOAT) {
                packed.putFloat((float) value);
            } else {
                packed.putDouble(value);
            }
        }
        return new RowRecord(number, owner, packed.array(), label.read(number, row, place, precision));
    }

    @Override
    public long[] shape() {
        return new long[] {features.size()};
    }

    @Override
    public int labels() {
        return label.width();
    }

    @Override
    public void features(RowRecord row, double[] into, int at) {
        ByteBuffer packed = ByteBuffer.wrap(row.features());
        for (int k = 0; k < features.size(); k++) {
            into[at + k] = precision == Precision.FLOAT ? packed.getFloat() : packed.getDouble();
        }
    }

    @Override
    public void label(RowRecord row, double[] into, int at) {
        label.write(row.label(), into, at);
    }
}
