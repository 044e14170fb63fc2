/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Names of the tensors of a GPT-2 with a head. */
public final class Gpt2Names {

    /** In front of all but the head's; files of the model alone leave it out. */
    static final String PREFIX = "transformer.";

    /** The module of the table of embeddings. */
    public static final String WORD_TABLE = PREFIX + "wte";
    /** The table of embeddings, [vocabulary, hidden]. */
    public static final String WORDS = WORD_TABLE + ".weight";
    /** The module of the table of positions. */
    public static final String POSITION_TABLE = PREFIX + "wpe";
    /** The table of positions, [positions, hidden]. */
    public static final String POSITIONS = POSITION_TABLE + ".weight";
    /** The module of the last norm. */
    public static final String NORM = PREFIX + "ln_f";
    /** The head, [vocabulary, hidden]; not there if it is tied. */
    public static final String HEAD = DecoderNames.HEAD;

    private Gpt2Names() {}

    /** The module path of a layer, with a point behind. */
    public static String layer(int index) {
        return PREFIX + "h." + index + ".";
    }
}
