/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalLong;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;
import org.jspecify.annotations.Nullable;

/** Reads cells, be they numbers or text, as in a CSV file that is read without types. */
final class Cells {

    private static final int SHOWN = 40;

    /** Characters of a number: a double's exact decimals have fewer, and time grows with the square. */
    private static final int LONGEST = 1_000;

    private Cells() {}

    /**
     * A number of a record.
     *
     * @throws IllegalArgumentException if the cell holds none, or one that is not finite in the type of records' numbers
     */
    static double finite(long id, String column, @Nullable Object cell, Precision precision) {
        double value = number(cell);
        if (!(precision == Precision.FLOAT ? Float.isFinite((float) value) : Double.isFinite(value))) {
            throw new IllegalArgumentException(
                    "record " + id + " must have a finite number in column '" + column + "', got " + shown(cell));
        }
        return value;
    }

    /** A number; NaN if the cell holds none. */
    private static double number(@Nullable Object cell) {
        if (cell instanceof Number number) {
            return number.doubleValue();
        }
        if (cell instanceof String text && text.length() <= LONGEST) {
            try {
                return new BigDecimal(text.strip()).doubleValue(); // a double's parser takes "7d", too
            } catch (NumberFormatException none) {
                return Double.NaN;
            }
        }
        return Double.NaN;
    }

    /** A whole number; empty if the cell holds none. Floating-point numbers are none: large ones would not be exact. */
    static OptionalLong whole(@Nullable Object cell) {
        try {
            if (cell instanceof String text) {
                return OptionalLong.of(Long.parseLong(text.strip()));
            }
            if (cell instanceof BigDecimal decimal) {
                return OptionalLong.of(decimal.longValueExact());
            }
        } catch (ArithmeticException | NumberFormatException none) {
            return OptionalLong.empty();
        }
        if (cell instanceof Number number
                && (cell instanceof Long || cell instanceof Integer || cell instanceof Short || cell instanceof Byte)) {
            return OptionalLong.of(number.longValue());
        }
        return OptionalLong.empty();
    }

    /**
     * A record's id.
     *
     * @throws IllegalArgumentException if the cell is no whole number from 0
     */
    static long id(String column, @Nullable Object cell) {
        OptionalLong id = whole(cell);
        if (id.isEmpty() || id.getAsLong() < 0) {
            throw new IllegalArgumentException(
                    "ids must be whole numbers >= 0, got " + shown(cell) + " in column '" + column + "'");
        }
        return id.getAsLong();
    }

    /**
     * A record's subject. Texts that differ are different subjects: where a subject is a number, 007 must not be taken for the subject 7.
     *
     * @throws IllegalArgumentException if the cell is no whole number, or a text that writes it in another way
     */
    static long subject(long id, String column, @Nullable Object cell) {
        OptionalLong subject = whole(cell);
        if (subject.isEmpty() || (cell instanceof String && !text(cell).equals(Long.toString(subject.getAsLong())))) {
            String advice = subject.isEmpty() ? "" : ", written as " + subject.getAsLong();
            throw new IllegalArgumentException("the subject of record " + id + " must be a whole number" + advice
                    + ", got " + shown(cell) + " in column '" + column + "'");
        }
        return subject.getAsLong();
    }

    /**
     * Which class a cell names.
     *
     * @throws IllegalArgumentException if it names none
     */
    static int classNumber(String record, List<String> classes, @Nullable Object cell) {
        int number = classes.indexOf(text(cell));
        if (number < 0) {
            throw new IllegalArgumentException(
                    record + " must be of one of the classes " + Checks.listed(classes) + ", got " + shown(cell));
        }
        return number;
    }

    /** Text, without what is around it; empty if the cell is. */
    private static String text(@Nullable Object cell) {
        return cell == null ? "" : cell.toString().strip();
    }

    /** A cell as sentences show it. */
    static String shown(@Nullable Object cell) {
        String text = text(cell).replaceAll("\\p{Cntrl}", " ");
        if (text.isEmpty()) {
            return "nothing";
        }
        return "'" + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…") + "'";
    }
}
