/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Where the boxes of a graph are: below all they read, bands of so many rows beside one another. */
final class GraphPlaces {

    /** Rows of a band. */
    private static final int ROWS = 16;

    /**
     * Of a box.
     *
     * @param column counted from the left, not whole where a row is narrower than its band
     */
    record Place(int band, int row, double column) {}

    private final Map<String, Place> places = new HashMap<>();
    private int rows;
    private int columns;

    /** @param inputs what each reads, by name and in an order in which all it reads comes before */
    static GraphPlaces of(Map<String, List<String>> inputs) {
        Map<String, Integer> depths = new HashMap<>();
        List<List<String>> levels = new ArrayList<>();
        inputs.forEach((name, read) -> {
            int depth = read.stream()
                    .mapToInt(input -> depths.getOrDefault(input, -1) + 1)
                    .max()
                    .orElse(0);
            depths.put(name, depth);
            while (levels.size() <= depth) {
                levels.add(new ArrayList<>());
            }
            levels.get(depth).add(name);
        });
        GraphPlaces places = new GraphPlaces();
        for (int first = 0; first < levels.size(); first += ROWS) {
            places.addBand(first / ROWS, levels.subList(first, Math.min(levels.size(), first + ROWS)));
        }
        return places;
    }

    private void addBand(int band, List<List<String>> levels) {
        int width = levels.stream().mapToInt(List::size).max().orElse(0);
        for (int row = 0; row < levels.size(); row++) {
            List<String> level = levels.get(row);
            double left = columns + (width - level.size()) / 2.0;
            for (int i = 0; i < level.size(); i++) {
                places.put(level.get(i), new Place(band, row, left + i));
            }
        }
        rows = Math.max(rows, levels.size());
        columns += width;
    }

    Place of(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }
}
