/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.network.Operation;
import org.amend4j.network.VertexKind;
import org.amend4j.network.VertexReading;
import org.amend4j.transformer.AttentionRule;
import org.amend4j.transformer.MultiHeadAttention;

/** Attention of the tokens of each example to one another. */
public final class MultiHeadAttentionKind implements VertexKind<MultiHeadAttention> {

    @Override
    public Class<MultiHeadAttention> configuration() {
        return MultiHeadAttention.class;
    }

    @Override
    public int read(VertexReading<MultiHeadAttention> reading) {
        AttentionRule rule = reading.configuration().rule();
        int queries = reading.tokenRows(0);
        int keys = reading.tokenRows(1);
        int values = reading.tokenRows(2);
        int size = reading.width(queries) / rule.heads();
        boolean fits = size > 0
                && reading.width(queries) == size * rule.heads()
                && reading.width(keys) == size * rule.keyValueHeads()
                && reading.width(values) == reading.width(keys)
                && rule.rotary()
                        .filter(rotary -> rotary.frequencies().size() * 2 != size)
                        .isEmpty();
        if (!fits) {
            throw reading.unsupported("has " + rule.heads() + " heads of queries and " + rule.keyValueHeads()
                    + " of keys and values of one size, got rows of " + reading.width(queries) + ", "
                    + reading.width(keys) + " and " + reading.width(values));
        }
        Operation attention = new Operation.Attention(
                rule.heads(),
                rule.keyValueHeads(),
                size,
                rule.causal(),
                rule.window().map(OptionalInt::of).orElse(OptionalInt.empty()),
                rule.rotary().map(rotary -> reading.angles(rotary.frequencies())));
        return reading.add(attention, List.of(queries, keys, values, reading.tokens(3)), reading.width(queries));
    }
}
