/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/**
 * Ids of tokens that are no text, as files give them. The model may have no row for some of them, see {@link CausalConfig#usableIds}.
 *
 * @param start with which texts begin, {@code bos_token_id}, >= 0
 * @param ends with any of which texts end, {@code eos_token_id}, each >= 0
 * @param padding with which shorter texts of a batch are filled, {@code pad_token_id}; only written again, be it a token or not
 */
public record SpecialIds(OptionalInt start, List<Integer> ends, OptionalInt padding) {

    /** Copies the list. */
    public SpecialIds {
        start.ifPresent(id -> Checks.atLeast(0, "bos_token_id", id));
        ends.forEach(id -> Checks.atLeast(0, "eos_token_id", id));
        ends = List.copyOf(ends);
    }

    /** Without one that fills. */
    public SpecialIds(OptionalInt start, List<Integer> ends) {
        this(start, ends, OptionalInt.empty());
    }

    /** Those that are tokens of a vocabulary. */
    SpecialIds among(int vocabulary) {
        return new SpecialIds(
                start.isPresent() && start.getAsInt() < vocabulary ? start : OptionalInt.empty(),
                ends.stream().filter(id -> id < vocabulary).toList(),
                padding);
    }

    /** Null says that there is none; left out, a family's usual ids would be meant. */
    void putInto(ObjectNode object) {
        if (start.isPresent()) {
            object.put("bos_token_id", start.getAsInt());
        } else {
            object.putNull("bos_token_id");
        }
        if (ends.isEmpty()) {
            object.putNull("eos_token_id");
        } else if (ends.size() == 1) {
            object.put("eos_token_id", ends.get(0));
        } else {
            ends.forEach(object.putArray("eos_token_id")::add);
        }
        padding.ifPresent(id -> object.put("pad_token_id", id));
    }
}
