/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Svd;
import org.amend4j.lora.config.LoraGaConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA-GA (Wang et al., arXiv 2407.05000): with the gradient G = U·Σ·Vᵀ of the weight, A = c·U_{1..r} and B =
 * c·V_{r+1..2r}ᵀ, or with B's rows times their singular values; the base keeps W - s·A·B. Unweighted, a step η of gradient
 * descent then moves s·A·B by -η·s²·c²·G_{2r} and a term of η², where G_{2r} is the best approximation of G of rank 2r: no start
 * follows full training more closely.
 *
 * @param config what c is, and whether B's rows are multiplied by their singular values
 */
public record LoraGa(LoraGaConfig config) implements AdapterStart {

    @Override
    public boolean movesWeight() {
        return true;
    }

    /**
     * The first factors, of the weight's type.
     *
     * @param gradient the full gradient of the loss with respect to W, [nIn, nOut]; its size matters only if weighted
     * @throws IllegalArgumentException if twice the rank exceeds the smaller side of the weight
     */
    public StartFactors of(StartSite site, INDArray gradient) {
        int r = site.rank();
        int side = Math.min(site.inputs(), site.outputs());
        if (2 * r > side) {
            throw new IllegalArgumentException(
                    "twice the rank must be <= " + side + " for LoRA-GA, the smaller side of the " + site.inputs()
                            + " x " + site.outputs() + " weight, got 2 x " + r + site.place());
        }
        Svd svd = Decompositions.svd(site.dense("gradient", gradient));
        double c = factor(site);
        Dense a = svd.u().columns(0, r).scaled(k -> c);
        Dense b = svd.v().columns(r, 2 * r).scaled(k -> config.weighted() ? c * svd.values()[r + k] : c);
        return site.movedOut(a, b.transposed());
    }

    /** c. */
    double factor(StartSite site) {
        return switch (config.scale()) {
            case STABLE -> Math.pow(site.outputs(), 0.25) / Math.sqrt(config.gamma());
            case UNIT -> 1;
            case INVERSE_SCALING -> 1 / site.scaling();
        };
    }
}
