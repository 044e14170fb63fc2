/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Optional;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.Gpt2Names;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.internal.network.TiedLayers;

/**
 * A table of words that is a head's weight too.
 *
 * @param embedding the layer of the table
 * @param head the layer that multiplies with a copy of it
 * @param tensor the table in checkpoints
 */
record TiedTable(String embedding, String head, String tensor) {

    /** Keeps the copy equal: the table is [vocabulary, d], the head [d, vocabulary] in Fortran order. */
    TiedLayers tied() {
        return new TiedLayers(embedding, head, LanguageModelHead.WEIGHT);
    }

    /** The one that a model has, if it has one. */
    static Optional<TiedTable> of(TransformerConfig config) {
        if (config instanceof DecoderConfig decoder) {
            return decoder.tiedEmbeddings()
                    ? Optional.of(new TiedTable(DecoderNames.EMBEDDING_TABLE, RowsGraph.HEAD, DecoderNames.EMBEDDINGS))
                    : Optional.empty();
        }
        if (config instanceof Gpt2Config gpt2) {
            return gpt2.tiedEmbeddings()
                    ? Optional.of(new TiedTable(Gpt2Names.WORD_TABLE, RowsGraph.HEAD, Gpt2Names.WORDS))
                    : Optional.empty();
        }
        if (config instanceof EncoderConfig encoder && encoder.head() instanceof EncoderHead.MaskedTokens) {
            EncoderNames names = new EncoderNames(encoder);
            return Optional.of(new TiedTable(names.wordEmbeddings(), names.scores(), names.words()));
        }
        return Optional.empty();
    }
}
