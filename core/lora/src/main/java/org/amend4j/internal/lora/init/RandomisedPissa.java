/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Svd;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * PEFT's {@code "pissa_niter_K"}: {@link Pissa} with the singular triples of a random subspace of r dimensions after K
 * iterations (Halko, Martinsson and Tropp, arXiv 0909.4061, algorithms 4.4 and 5.1, without oversampling). Fast, and less
 * exact: s·A·B is W projected on that subspace, never nearer to W than PiSSA's. How far it is off falls with (σ_{r+1}/σ_r)^{2K+1}; where these
 * values are nearly equal, it stays off.
 *
 * @param iterations K, >= 0
 */
public record RandomisedPissa(int iterations) implements WeightStart {

    /** @throws IllegalArgumentException if there are fewer than no iterations */
    public RandomisedPissa {
        Checks.atLeast(0, "iterations", iterations);
    }

    @Override
    public boolean movesWeight() {
        return true;
    }

    @Override
    public StartFactors of(StartSite site) {
        Dense w = site.dense();
        Dense random = Dense.normal(site.outputs(), site.rank(), new SplitMix64(site.seed()));
        Dense q = Decompositions.qr(w.times(random)).q();
        for (int k = 0; k < iterations; k++) {
            Dense turned = Decompositions.qr(w.transposedTimes(q)).q();
            q = Decompositions.qr(w.times(turned)).q();
        }
        Svd small = Decompositions.svd(q.transposedTimes(w));
        Svd svd = new Svd(q.times(small.u()), small.values(), small.v());
        return site.movedOut(Split.left(svd, 0, site), Split.right(svd, 0, site));
    }
}
