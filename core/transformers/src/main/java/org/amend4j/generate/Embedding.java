/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a token is before the first layer: factor·W[token] + P[position].
 *
 * @param words W
 * @param factor 1 for most families
 * @param positions P; empty where positions turn queries and keys
 */
record Embedding(Lookup words, float factor, Optional<Lookup> positions) {

    void apply(Row row, float[] to) {
        words.apply(row, row.token(), to);
        if (factor != 1) {
            Loops.scale(to, factor, to.length);
        }
        positions.ifPresent(table -> {
            float[] position = new float[to.length];
            table.apply(row, row.position(), position);
            Loops.add(to, position, to.length);
        });
    }

    Stream<Lookup> lookups() {
        return Stream.concat(Stream.of(words), positions.stream());
    }
}
