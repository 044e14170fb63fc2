/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Svd;
import org.amend4j.lora.config.CordaConfig;

/**
 * CorDA (Yang et al., arXiv 2406.05223): with C·W = U·Σ·Vᵀ for the covariance C of the layer's inputs, A =
 * C⁻¹·U_r·(Σ_r/s)^½ and B = (Σ_r/s)^½·V_rᵀ; the base keeps W - s·A·B. No matrix of rank r is nearer to W than the s·A·B of the
 * largest values, measured by {@code ‖C(W - ·)‖}; with C = I this is {@link Pissa}.
 *
 * @param config which singular values move into the factors, and the damping
 */
public record Corda(CordaConfig config) implements AdapterStart {

    @Override
    public boolean movesWeight() {
        return true;
    }

    /**
     * The first factors, of the weight's type.
     *
     * @param covariance of the layer's inputs
     * @throws IllegalArgumentException if it is of other inputs, or not positive definite with the damping
     * @throws IllegalStateException if it has seen no inputs
     */
    public StartFactors of(StartSite site, InputCovariance covariance) {
        if (covariance.inputs() != site.inputs()) {
            throw new IllegalArgumentException("the covariance must be of " + site.inputs() + " inputs, got "
                    + covariance.inputs() + site.place());
        }
        Dense c = covariance.damped(config.damping());
        Svd svd = Decompositions.svd(c.times(site.dense()));
        int from = config.mode() == CordaConfig.Mode.IPM ? 0 : svd.values().length - site.rank();
        Dense a = Decompositions.solveDefinite(c, Split.left(svd, from, site))
                .orElseThrow(() -> new IllegalArgumentException("the covariance of " + covariance.count()
                        + " inputs must be positive definite, which it is not" + " with damping " + config.damping()
                        + ": more inputs, or more damping" + site.place()));
        return site.movedOut(a, Split.right(svd, from, site));
    }
}
