/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Names of the tensors of a model of Llama's family. */
public final class DecoderNames {

    /** In front of all names but the head's; left out where a decoder was saved without a head. */
    static final String PREFIX = "model.";
    /** The module of the table of embeddings. */
    public static final String EMBEDDING_TABLE = PREFIX + "embed_tokens";
    /** The table of embeddings, [vocabulary, hidden]. */
    public static final String EMBEDDINGS = EMBEDDING_TABLE + ".weight";
    /** The last norm. */
    public static final String NORM = PREFIX + "norm.weight";
    /** The head, [vocabulary, hidden]; not there if it is tied. */
    public static final String HEAD = "lm_head.weight";

    private DecoderNames() {}

    /** The module path of a layer, with a point behind. */
    public static String layer(int index) {
        return PREFIX + "layers." + index + ".";
    }
}
