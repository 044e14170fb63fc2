/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Qr;

/**
 * OLoRA (Büyükakyüz, arXiv 2406.01775): with Wᵀ = Q·R, in the orientation [nOut, nIn], A is the transpose of R's
 * first r rows and B that of Q's first r columns; the base keeps W - s·A·B. As in PEFT, s is not divided out of the factors.
 */
public record Olora() implements WeightStart {

    @Override
    public boolean movesWeight() {
        return true;
    }

    @Override
    public StartFactors of(StartSite site) {
        Qr qr = Decompositions.qr(site.dense().transposed());
        Dense a = qr.r().transposed().columns(0, site.rank());
        Dense b = qr.q().columns(0, site.rank()).transposed();
        return site.movedOut(a, b);
    }
}
