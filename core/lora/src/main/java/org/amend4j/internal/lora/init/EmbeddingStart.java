/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.random.SplitMix64;

/**
 * PEFT's start of embeddings, whether {@code true} or {@code "gaussian"}: A zero, B standard normal. The first output is the
 * base's to the last bit.
 */
public record EmbeddingStart() implements WeightStart {

    @Override
    public StartFactors of(StartSite site) {
        Dense b = Dense.normal(site.rank(), site.outputs(), new SplitMix64(site.seed()));
        return site.beside(Dense.zero(site.inputs(), site.rank()), b);
    }
}
