/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalLong;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;
import org.apache.spark.sql.Row;

/** The columns that hold the labels, and how these become numbers. */
public sealed interface LabelColumns extends Serializable {

    /** Their names. */
    List<String> columns();

    /** How many numbers a label has. */
    int width();

    /**
     * A record's label, short: the number of its class, or its targets.
     *
     * @param first where in the row the first of the columns is
     * @param precision of which targets must be finite numbers
     * @throws IllegalArgumentException if it is none, in a sentence with the record's id
     */
    double[] read(long id, Row row, int first, Precision precision);

    /**
     * A label of full {@linkplain #width width}.
     *
     * @param into gets it from place {@code at} on; zeros there until now
     */
    default void write(double[] label, double[] into, int at) {
        into[at + (int) label[0]] = 1;
    }

    /**
     * A class by its name. A record's label is one at its class's place, zero elsewhere.
     *
     * @param column which holds the name
     * @param names of the classes, in the order of the network's outputs; at least two. They are listed, not found: the classes of a
     *     table from which rows were deleted would be others
     */
    record Classes(String column, List<String> names) implements LabelColumns {

        /** @throws IllegalArgumentException if there are fewer than two classes, or names are empty or the same */
        public Classes {
            Checks.name("the column of labels", column);
            names = Checks.names("classes", names);
            Checks.atLeast(2, "the number of classes", names.size());
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public int width() {
            return names.size();
        }

        @Override
        public double[] read(long id, Row row, int first, Precision precision) {
            return new double[] {Cells.classNumber("record " + id, names, row.get(first))};
        }
    }

    /**
     * A class by its number.
     *
     * @param column which holds a whole number from 0 to {@code classes - 1}
     * @param classes how many there are, at least two
     */
    record ClassNumbers(String column, int classes) implements LabelColumns {

        /** @throws IllegalArgumentException if there are fewer than two classes */
        public ClassNumbers {
            Checks.name("the column of labels", column);
            Checks.atLeast(2, "the number of classes", classes);
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public int width() {
            return classes;
        }

        @Override
        public double[] read(long id, Row row, int first, Precision precision) {
            OptionalLong number = Cells.whole(row.get(first));
            if (number.isEmpty() || number.getAsLong() < 0 || number.getAsLong() >= classes) {
                throw new IllegalArgumentException("the class of record " + id + " must be a whole number in [0, "
                        + (classes - 1) + "], got " + Cells.shown(row.get(first)) + " in column '" + column + "'");
            }
            return new double[] {number.getAsLong()};
        }
    }

    /**
     * Numbers, for a regression or a single output between 0 and 1.
     *
     * @param columns at least one
     */
    record Targets(List<String> columns) implements LabelColumns {

        /** @throws IllegalArgumentException if there are none, or names are empty or the same */
        public Targets {
            columns = Checks.names("the columns of targets", columns);
            Checks.atLeast(1, "the number of targets", columns.size());
        }

        @Override
        public int width() {
            return columns.size();
        }

        @Override
        public double[] read(long id, Row row, int first, Precision precision) {
            double[] targets = new double[columns.size()];
            for (int k = 0; k < targets.length; k++) {
                targets[k] = Cells.finite(id, columns.get(k), row.get(first + k), precision);
            }
            return targets;
        }

        @Override
        public void write(double[] label, double[] into, int at) {
            System.arraycopy(label, 0, into, at, label.length);
        }
    }
}
