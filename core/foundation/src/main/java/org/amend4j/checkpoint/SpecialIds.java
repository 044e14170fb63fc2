/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.OptionalInt;

/**
 * Ids of tokens that are no text.
 *
 * @param start with which texts begin, {@code bos_token_id}
 * @param ends with any of which texts end, {@code eos_token_id}
 */
public record SpecialIds(OptionalInt start, List<Integer> ends) {

    /** Copies the list. */
    public SpecialIds {
        ends = List.copyOf(ends);
    }
}
