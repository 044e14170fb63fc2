/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Configuration of a transformer that reads texts. */
public sealed interface TextConfig extends TransformerConfig permits CausalConfig, EncoderConfig {

    /** How many tokens there are. */
    int vocabulary();

    /** The most tokens that a text can have. */
    int longest();
}
