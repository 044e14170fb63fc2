/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.OptionalInt;

/**
 * What fields mean that a decoder's {@code config.json} leaves out: the values of Hugging Face's classes.
 *
 * @param keyValueHeads empty for as many as of queries
 * @param headSize empty for the rows' size divided by the heads
 * @param tied whether the head is the table of embeddings
 */
record DecoderDefaults(int positions, OptionalInt keyValueHeads, OptionalInt headSize, boolean tied, SpecialIds ids) {

    private static final OptionalInt NONE = OptionalInt.empty();

    static DecoderDefaults of(DecoderFamily family) {
        SpecialIds usual = new SpecialIds(OptionalInt.of(1), List.of(2));
        SpecialIds none = new SpecialIds(NONE, List.of());
        return switch (family) {
            case LLAMA -> new DecoderDefaults(2048, NONE, NONE, false, usual);
            case MISTRAL -> new DecoderDefaults(4096 * 32, OptionalInt.of(8), NONE, false, usual);
            case QWEN2 -> new DecoderDefaults(32768, OptionalInt.of(32), NONE, false, none);
            case QWEN3 -> new DecoderDefaults(32768, OptionalInt.of(32), OptionalInt.of(128), false, none);
            case GEMMA -> {
                SpecialIds ids = new SpecialIds(OptionalInt.of(2), List.of(1));
                yield new DecoderDefaults(8192, OptionalInt.of(16), OptionalInt.of(256), true, ids);
            }
        };
    }
}
