/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The tokens of one example, without padding. */
public final class TokenSequence {

    private final int[] ids;
    private final int[] types;
    private final Map<Integer, int[]> labels;

    /**
     * Tokens in their order.
     *
     * @param ids rows of the table of words, at least one
     * @param types rows of the table of types, as many
     * @param labels of each output that has one for every token, as many; negative where there is nothing to say
     */
    public TokenSequence(int[] ids, int[] types, Map<Integer, int[]> labels) {
        this.ids = ids.clone();
        this.types = types.clone();
        this.labels = new HashMap<>();
        labels.forEach((output, some) -> this.labels.put(output, some.clone()));
        boolean fits =
                ids.length == types.length && labels.values().stream().allMatch(some -> some.length == ids.length);
        if (ids.length == 0 || !fits) {
            throw new IllegalArgumentException(
                    "an example must have at least one token, and a type and label for each, got " + ids.length);
        }
    }

    /** How many. */
    public int length() {
        return ids.length;
    }

    /** A token's row of the table of words. */
    public int id(int token) {
        return ids[token];
    }

    /** A token's row of the table of types. */
    public int type(int token) {
        return types[token];
    }

    /** A token's label; negative where there is nothing to say. */
    public int label(int output, int token) {
        return Objects.requireNonNull(labels.get(output), "labels of tokens")[token];
    }
}
