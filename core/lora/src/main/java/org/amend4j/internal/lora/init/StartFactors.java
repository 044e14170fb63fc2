/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An adapter's first factors.
 *
 * @param a A₀, [nIn, r], in Fortran order
 * @param b B₀, [r, nOut], in Fortran order
 * @param movesWeight whether the base's weight must be {@link #residual} for the first output to be the base's; otherwise
 *     A₀·B₀ is zero
 */
public record StartFactors(INDArray a, INDArray b, boolean movesWeight) {

    /** @throws IllegalArgumentException if the factors have no product */
    public StartFactors {
        Checks.present("a", a);
        Checks.present("b", b);
        if (a.rank() != 2 || b.rank() != 2 || a.size(1) != b.size(0)) {
            throw new IllegalArgumentException("a and b must be [nIn, r] and [r, nOut], got " + a.shapeInfoToString()
                    + " and " + b.shapeInfoToString());
        }
    }

    /**
     * The weight beside these factors: W - s·A₀·B₀, computed in double from the factors as they are and rounded once, or W
     * itself if nothing was moved. An array of its own, in Fortran order.
     *
     * @param weight W, [nIn, nOut]; only read
     * @param scaling s
     */
    public INDArray residual(INDArray weight, double scaling) {
        if (weight.rank() != 2 || weight.size(0) != a.size(0) || weight.size(1) != b.size(1)) {
            throw new IllegalArgumentException(
                    "weight must be [" + a.size(0) + ", " + b.size(1) + "], got " + weight.shapeInfoToString());
        }
        if (!movesWeight) {
            return weight.dup('f');
        }
        return Dense.of(weight)
                .plusInPlace(-scaling, Dense.of(a), false, Dense.of(b), false)
                .array(weight.dataType());
    }
}
