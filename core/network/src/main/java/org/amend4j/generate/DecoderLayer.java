/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** The weights of a layer, by what Hugging Face calls them. */
record DecoderLayer(
        RowNormalization inputNorm,
        Linear query,
        Linear key,
        Linear value,
        Linear output,
        RowNormalization postAttentionNorm,
        Linear gate,
        Linear up,
        Linear down) {}
