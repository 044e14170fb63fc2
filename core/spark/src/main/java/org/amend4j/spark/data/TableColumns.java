/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;

/**
 * Records that are rows of numbers: CSV, Parquet, whatever Spark reads as a table. Cells may be numbers, or text that is a number, as in a
 * CSV file that is read without types. A column has one meaning; columns that are not named are not read.
 *
 * @param id the column of records' ids: whole numbers from 0, all different
 * @param subject the column with a record's subject, a whole number; without one each record is its own subject. Names are not turned into
 *     numbers: two of them could become the same
 * @param features the columns of numbers that the network reads, in its order; at least one
 * @param label what is to be learned
 * @param precision of all numbers
 */
public record TableColumns(
        String id, Optional<String> subject, List<String> features, LabelColumns label, Precision precision)
        implements RecordColumns {

    /** @throws IllegalArgumentException if there are no features, or a column has no name or two meanings */
    public TableColumns {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(precision, "precision");
        features = Checks.names("the columns of features", features);
        Checks.atLeast(1, "the number of features", features.size());
        Checks.names("the table", all(id, subject, features, label));
    }

    /** Of type FLOAT, each record its own subject. */
    public static TableColumns of(String id, List<String> features, LabelColumns label) {
        return new TableColumns(id, Optional.empty(), features, label, Precision.FLOAT);
    }

    /** With a column that names a record's subject. */
    public TableColumns ownedBy(String column) {
        return new TableColumns(id, Optional.of(column), features, label, precision);
    }

    /** With numbers of another type. */
    public TableColumns in(Precision type) {
        return new TableColumns(id, subject, features, label, type);
    }

    @Override
    public List<String> columns() {
        return all(id, subject, features, label);
    }

    private static List<String> all(String id, Optional<String> subject, List<String> features, LabelColumns label) {
        List<String> all = new ArrayList<>();
        all.add(id);
        subject.ifPresent(all::add);
        all.addAll(features);
        all.addAll(label.columns());
        return all;
    }

    @Override
    public RowReader reader() {
        return new TableReader(id, subject.orElse(id), features, label, precision);
    }
}
