/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.start;

import java.util.Arrays;
import org.amend4j.random.SplitMix64;

/**
 * PEFT's default: A uniform in ±1/√nIn (Kaiming-uniform with slope √5; He et al., arXiv 1502.01852), B zero. The
 * first output is the base's to the last bit.
 */
record KaimingStart() implements WeightStart {

    @Override
    public StartFactors of(StartSite site) {
        SplitMix64 random = new SplitMix64(site.seed());
        double bound = 1 / Math.sqrt(site.inputs());
        Dense a = Dense.zero(site.inputs(), site.rank());
        Arrays.setAll(a.values(), i -> random.uniform(-bound, bound));
        return site.beside(a, Dense.zero(site.rank(), site.outputs()));
    }
}
