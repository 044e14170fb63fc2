/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The linears in front of attention, and what is done to their results before queries meet keys. */
sealed interface Projections {

    /** Of normalised rows. */
    Projected apply(Row[] rows, float[][] x);

    List<Linear> linears();

    /** Rows of queries, keys and values. */
    record Projected(List<float[]> queries, List<float[]> keys, List<float[]> values) {}

    /**
     * A linear for each; queries and keys are turned by their positions.
     *
     * @param norms of every head, before it is turned
     */
    record Separate(Linear query, Linear key, Linear value, Optional<HeadNorms> norms) implements Projections {

        @Override
        public Projected apply(Row[] rows, float[][] x) {
            Projected projected = new Projected(
                    Arrays.asList(query.applied(rows, x)),
                    Arrays.asList(key.applied(rows, x)),
                    Arrays.asList(value.applied(rows, x)));
            for (int i = 0; i < rows.length; i++) {
                float[] q = projected.queries().get(i);
                float[] k = projected.keys().get(i);
                norms.ifPresent(some -> some.apply(q, k));
                rows[i].rotation().ifPresent(rotation -> {
                    rotation.turn(q);
                    rotation.turn(k);
                });
            }
            return projected;
        }

        @Override
        public List<Linear> linears() {
            return List.of(query, key, value);
        }
    }

    /** One linear for all three, whose results lie one behind the other. */
    record Fused(Linear all, int queryWidth, int keyValueWidth) implements Projections {

        @Override
        public Projected apply(Row[] rows, float[][] x) {
            float[][] together = all.applied(rows, x);
            return new Projected(
                    columns(together, 0, queryWidth),
                    columns(together, queryWidth, keyValueWidth),
                    columns(together, queryWidth + keyValueWidth, keyValueWidth));
        }

        private static List<float[]> columns(float[][] of, int from, int count) {
            return Arrays.stream(of)
                    .map(row -> Arrays.copyOfRange(row, from, from + count))
                    .toList();
        }

        @Override
        public List<Linear> linears() {
            return List.of(all);
        }
    }

    /** Norms of the heads of queries, and of keys. */
    record HeadNorms(Normalization query, Normalization key) {

        void apply(float[] queries, float[] keys) {
            query.applyToParts(queries);
            key.applyToParts(keys);
        }
    }
}
