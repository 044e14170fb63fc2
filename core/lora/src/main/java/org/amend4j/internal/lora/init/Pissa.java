/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Svd;

/**
 * PiSSA (Meng et al., arXiv 2404.02948): with W = U·Σ·Vᵀ, A = U_r·(Σ_r/s)^½ and B = (Σ_r/s)^½·V_rᵀ of the r
 * largest singular values; the base keeps W - s·A·B, whose singular values are the others.
 */
public record Pissa() implements WeightStart {

    @Override
    public boolean movesWeight() {
        return true;
    }

    @Override
    public StartFactors of(StartSite site) {
        Svd svd = Decompositions.svd(site.dense());
        return site.movedOut(Split.left(svd, 0, site), Split.right(svd, 0, site));
    }
}
