/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Configuration of a decoder: a model that predicts one token after another. */
public sealed interface CausalConfig extends TextConfig permits DecoderConfig, Gpt2Config {

    /** Tokens that are no text, as the file gives them. */
    SpecialIds ids();

    /** Those of them that the model has rows for: it never says another, and cannot read one. */
    default SpecialIds usableIds() {
        return ids().among(vocabulary());
    }

    /** Whether the head is the table of embeddings. */
    boolean tiedEmbeddings();

    /** The same with a head of its own. */
    CausalConfig untied();
}
