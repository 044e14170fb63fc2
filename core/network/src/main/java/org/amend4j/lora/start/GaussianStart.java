/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.start;

import org.amend4j.random.SplitMix64;

/** PEFT's {@code "gaussian"}: A normal with standard deviation 1/r, B zero. The first output is the base's to the last bit. */
record GaussianStart() implements WeightStart {

    @Override
    public StartFactors of(StartSite site) {
        Dense a = Dense.normal(site.inputs(), site.rank(), new SplitMix64(site.seed()))
                .scaled(k -> 1.0 / site.rank());
        return site.beside(a, Dense.zero(site.rank(), site.outputs()));
    }
}
