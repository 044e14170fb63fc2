/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Which keys a query sees and how heads share them.
 *
 * @param heads of queries, >= 1
 * @param keyValueHeads of keys and values, a divisor of heads: as many queries' heads as are left share each (grouped queries,
 *     Ainslie et al., arXiv 2305.13245)
 * @param causal whether a query sees no later key
 * @param window how many keys a causal query sees, itself the last of them; empty for all
 * @param rotary how positions turn queries and keys; empty if they do not
 */
public record AttentionRule(
        int heads, int keyValueHeads, boolean causal, Optional<Integer> window, Optional<Rotary> rotary) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AttentionRule {
        Checks.atLeast(1, "heads", heads);
        Checks.atLeast(1, "key-value heads", keyValueHeads);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "key-value heads must divide the " + heads + " heads, got " + keyValueHeads);
        }
        Objects.requireNonNull(rotary, "rotary");
        window.ifPresent(keys -> Checks.atLeast(1, "window", keys));
        if (window.isPresent() && !causal) {
            throw new IllegalArgumentException("a window is of causal attention, got one without");
        }
    }

    /** Every query sees every key of its example. */
    public static AttentionRule bidirectional(int heads) {
        return new AttentionRule(heads, heads, false, Optional.empty(), Optional.empty());
    }

    /** Every query sees itself and what is before it. */
    public static AttentionRule causal(int heads) {
        return new AttentionRule(heads, heads, true, Optional.empty(), Optional.empty());
    }

    /** This, with fewer heads of keys and values. */
    public AttentionRule withKeyValueHeads(int fewer) {
        return new AttentionRule(heads, fewer, causal, window, rotary);
    }

    /** This, with so many keys for a query. */
    public AttentionRule withWindow(int keys) {
        return new AttentionRule(heads, keyValueHeads, causal, Optional.of(keys), rotary);
    }

    /** This, with queries and keys turned by their positions. */
    public AttentionRule withRotary(Rotary positions) {
        return new AttentionRule(heads, keyValueHeads, causal, window, Optional.of(positions));
    }

    /** Columns of queries in rows of so many columns that have queries, keys and values. */
    public long queriesOf(long columns) {
        return columns * heads / (heads + 2L * keyValueHeads);
    }

    /** Whether the query at a position sees the key at another. */
    boolean sees(int query, int key) {
        return !causal || (key <= query && query - key < window.orElse(Integer.MAX_VALUE));
    }

    /** It in a Deeplearning4j configuration, whose JSON knows no optional values. */
    public record Stored(
            @JsonProperty("heads") int heads,
            @JsonProperty("keyValueHeads") int keyValueHeads,
            @JsonProperty("causal") boolean causal,
            @JsonProperty("window") @Nullable Integer window,
            @JsonProperty("frequencies") @Nullable List<Double> frequencies)
            implements Serializable {

        public static Stored of(AttentionRule rule) {
            return new Stored(
                    rule.heads,
                    rule.keyValueHeads,
                    rule.causal,
                    rule.window.orElse(null),
                    rule.rotary.map(Rotary::frequencies).orElse(null));
        }

        public AttentionRule rule() {
            return new AttentionRule(
                    heads,
                    keyValueHeads,
                    causal,
                    Optional.ofNullable(window),
                    Optional.ofNullable(frequencies).map(Rotary::new));
        }
    }
}
