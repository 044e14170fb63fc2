/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** What a decoder computes: a model that says one token after another. */
public sealed interface CausalConfig extends TextConfig permits DecoderConfig, Gpt2Config {

    /** Tokens that are no text. */
    SpecialIds ids();

    /** Whether the head is the table of embeddings. */
    boolean tiedEmbeddings();

    /** The same with a head of its own. */
    CausalConfig untied();
}
