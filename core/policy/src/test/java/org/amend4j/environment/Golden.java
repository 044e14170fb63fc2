/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reference values; their README says where they come from. */
public final class Golden {

    private Golden() {}

    /** A line of a CSV file, by column name. */
    record Row(List<String> names, List<String> cells) {

        String text(String name) {
            int column = names.indexOf(name);
            if (column < 0) {
                throw new IllegalArgumentException("no column " + name + " in " + names);
            }
            return cells.get(column);
        }

        double number(String name) {
            return Double.parseDouble(text(name));
        }

        int index(String name) {
            return Integer.parseInt(text(name));
        }

        boolean flag(String name) {
            return index(name) == 1;
        }

        double[] numbers(String... columns) {
            double[] result = new double[columns.length];
            for (int i = 0; i < columns.length; i++) {
                result[i] = number(columns[i]);
            }
            return result;
        }
    }

    static List<Row> csv(String name) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(open(name), StandardCharsets.UTF_8))) {
            List<String> names =
                    List.of(Objects.requireNonNull(reader.readLine()).split(",", -1));
            List<Row> rows = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                rows.add(new Row(names, List.of(line.split(",", -1))));
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        return Objects.requireNonNull(Golden.class.getResourceAsStream(name), name);
    }
}
