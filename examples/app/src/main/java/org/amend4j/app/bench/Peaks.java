/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How fast large square matrix products are.
 *
 * @param gigaflops a second, for every layout, above 0
 */
record Peaks(Map<Layout, Double> gigaflops) {

    Peaks {
        gigaflops = Map.copyOf(gigaflops);
        for (Layout layout : Layout.values()) {
            if (!(gigaflops.getOrDefault(layout, 0.0) > 0)) {
                throw new IllegalArgumentException(
                        "the peak of " + layout + " must be > 0, got " + gigaflops.get(layout));
            }
        }
    }

    /** The same for every layout. */
    static Peaks same(double gigaflops) {
        Map<Layout, Double> all = new EnumMap<>(Layout.class);
        for (Layout layout : Layout.values()) {
            all.put(layout, gigaflops);
        }
        return new Peaks(all);
    }

    double of(Layout layout) {
        return gigaflops.getOrDefault(layout, 0.0);
    }

    double best() {
        return gigaflops.values().stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElseThrow();
    }

    /** By layout, for JSON. */
    Map<String, Double> facts() {
        return new EnumMap<>(gigaflops)
                .entrySet().stream()
                        .collect(Collectors.toMap(
                                one -> one.getKey().name(), Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
    }

    @Override
    public String toString() {
        return new EnumMap<>(gigaflops)
                .entrySet().stream()
                        .map(one -> String.format(Locale.ROOT, "%s %,.0f", one.getKey(), one.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
