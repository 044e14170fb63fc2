/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.VertexKind;
import org.amend4j.internal.network.VertexReading;
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
        return reading.configuration().isFused() ? readFused(reading, rule) : readSeparate(reading, rule);
    }

    /** Queries, keys and values as columns of one input. */
    private static int readFused(VertexReading<MultiHeadAttention> reading, AttentionRule rule) {
        int together = reading.tokenRows(0);
        int heads = rule.heads() + 2 * rule.keyValueHeads();
        int size = reading.width(together) / heads;
        if (size * heads != reading.width(together)) {
            throw reading.unsupported("has " + heads + " heads of queries, keys and values of one size, got rows of "
                    + reading.width(together));
        }
        Operation attention = operation(reading, rule, size, true);
        return reading.add(attention, List.of(together, reading.tokens(1)), size * rule.heads());
    }

    private static int readSeparate(VertexReading<MultiHeadAttention> reading, AttentionRule rule) {
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
        Operation attention = operation(reading, rule, size, false);
        return reading.add(attention, List.of(queries, keys, values, reading.tokens(3)), reading.width(queries));
    }

    private static Operation operation(
            VertexReading<MultiHeadAttention> reading, AttentionRule rule, int size, boolean fused) {
        return new Operation.Attention(
                rule.heads(),
                rule.keyValueHeads(),
                size,
                fused,
                rule.causal(),
                rule.window().map(OptionalInt::of).orElse(OptionalInt.empty()),
                rule.rotary().map(rotary -> reading.angles(rotary.frequencies())));
    }
}
