/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.start;

import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.start.Decompositions.Svd;

/**
 * CorDA (Yang et al., arXiv 2406.05223): with C·W = U·Σ·Vᵀ for the covariance C of the layer's inputs, A =
 * C⁻¹·U_r·(Σ_r/s)^½ and B = (Σ_r/s)^½·V_rᵀ; the base keeps W - s·A·B. No matrix of rank r is nearer to W than the s·A·B of the
 * largest values, measured by {@code ‖C(W - ·)‖}; with C = I this is {@link Pissa}.
 *
 * @param mode which singular values move into the factors
 * @param damping share of the mean of C's diagonal that is added to the diagonal, >= 0; 0 only fits where C has full rank
 */
public record Corda(Mode mode, double damping) implements AdapterStart {

    /** Which singular values move into the factors. */
    public enum Mode {
        /** The largest ("instruction-previewed"): what these inputs need is trained. */
        IPM,
        /** The smallest ("knowledge-preserved"): what these inputs need stays in the base. */
        KPM
    }

    /** @throws IllegalArgumentException if a component breaks its rule */
    public Corda {
        Checks.present("mode", mode);
        Checks.notNegative("damping", damping);
    }

    /** With a hundredth of the diagonal's mean as damping. */
    public static Corda of(Mode mode) {
        return new Corda(mode, 0.01);
    }

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
        Dense c = covariance.damped(damping);
        Svd svd = Decompositions.svd(c.times(site.dense()));
        int from = mode == Mode.IPM ? 0 : svd.values().length - site.rank();
        Dense a = Decompositions.solveDefinite(c, Split.left(svd, from, site))
                .orElseThrow(() -> new IllegalArgumentException(
                        "the covariance of " + covariance.count() + " inputs must be positive definite, which it is not"
                                + " with damping " + damping + ": more inputs, or more damping" + site.place()));
        return site.movedOut(a, Split.right(svd, from, site));
    }
}
