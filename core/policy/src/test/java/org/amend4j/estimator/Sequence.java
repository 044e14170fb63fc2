/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.testkit.GoldenJson;

/** A batch of estimators.json: rows of several episodes, one after the other. */
record Sequence(JsonNode node) {

    /** The README's tolerance, relative to max(1, size). */
    static final double TOLERANCE = 1e-10;

    static Stream<Sequence> all() {
        return StreamSupport.stream(file().get("sequences").spliterator(), false)
                .map(Sequence::new);
    }

    static JsonNode file() {
        return GoldenJson.read(Sequence.class, "estimators.json");
    }

    double number(String name) {
        return node.get(name).doubleValue();
    }

    double[] column(String name) {
        return GoldenJson.numbers(node.get(name));
    }

    boolean[] flags(String name) {
        return GoldenJson.flags(node.get(name));
    }

    /** A column cut into its episodes. */
    List<double[]> episodes(String name) {
        double[] column = column(name);
        double[] time = column("time_in_episode");
        List<double[]> result = new ArrayList<>();
        int begin = 0;
        for (int row = 1; row <= column.length; row++) {
            if (row == column.length || time[row] == 0) {
                result.add(Arrays.copyOfRange(column, begin, row));
                begin = row;
            }
        }
        return result;
    }

    @Override
    public String toString() {
        return node.get("rewards").size() + " rows, gamma " + number("gamma");
    }
}
