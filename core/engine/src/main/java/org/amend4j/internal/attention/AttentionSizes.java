/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import org.amend4j.internal.validation.Checks;

/**
 * How many vectors meet.
 *
 * @param examples each of which attends to itself alone, >= 1
 * @param heads >= 1
 * @param queries of an example, >= 1
 * @param keys of an example, each with a value, >= 1
 */
public record AttentionSizes(int examples, int heads, int queries, int keys) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AttentionSizes {
        Checks.atLeast(1, "examples", examples);
        Checks.atLeast(1, "heads", heads);
        Checks.atLeast(1, "queries", queries);
        Checks.atLeast(1, "keys", keys);
    }
}
