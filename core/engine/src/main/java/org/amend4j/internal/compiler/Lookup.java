/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.compiler.PlacedTokens.Feature;
import org.amend4j.internal.network.Operation.TokenEmbedding;
import org.amend4j.internal.network.Operation.TokenTable;

/** A table of tokens, what its rows are multiplied with, and what it is looked up by. */
record Lookup(String name, TokenTable table, double factor, Feature feature) {

    /** All of an embedding, words first. */
    static Stream<Lookup> of(TokenEmbedding embedding) {
        return Stream.of(
                        Optional.of(new Lookup("words", embedding.words(), embedding.factor(), Feature.ID)),
                        embedding.positions().map(table -> new Lookup("positions", table, 1, Feature.POSITION)),
                        embedding.types().map(table -> new Lookup("types", table, 1, Feature.TYPE)))
                .flatMap(Optional::stream);
    }

    /** Those that train. */
    static Stream<Lookup> trained(TokenEmbedding embedding) {
        return of(embedding).filter(lookup -> Liveness.isTrained(lookup.table().values()));
    }

    /** The rows that tokens may have. */
    MatrixView used(MachineArray values, int columns) {
        long first = (long) table.skipped() * columns;
        return MatrixView.of(values.slice(first, (long) table.rows() * columns), table.rows(), columns);
    }
}
