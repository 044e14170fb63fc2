/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An adapter for the base as it was.
 *
 * @param a [nIn, r], in Fortran order
 * @param b [r, nOut], in Fortran order
 * @param rank r
 * @param alpha numerator of the scaling
 */
public record PlainAdapter(INDArray a, INDArray b, int rank, double alpha) {

    /**
     * What a trained adapter that {@linkplain StartFactors#movesWeight moved a part of the weight} is on the base as it was:
     * A' = [A | A₀], B' = [B ; -B₀] with twice the rank and the same scaling s, since W - s·A₀·B₀ + s·A·B = W + s·A'·B'.
     *
     * @param start the adapter's first factors
     * @param a A, trained, [nIn, r]
     * @param b B, trained, [r, nOut]
     * @param alpha the adapter's, > 0 and finite
     * @param rsLora whether the scaling is alpha/√rank: alpha then grows by √2, otherwise by 2
     */
    public static PlainAdapter of(StartFactors start, INDArray a, INDArray b, double alpha, boolean rsLora) {
        Checks.positive("alpha", alpha);
        requireLike("a", start.a(), a);
        requireLike("b", start.b(), b);
        if (!start.movesWeight()) {
            throw new IllegalArgumentException(
                    "start must have moved a part of the weight: without, a and b are plain");
        }
        return new PlainAdapter(
                Nd4j.concat(1, a, start.a()).dup('f'),
                Nd4j.concat(0, b, start.b().neg()).dup('f'),
                Math.toIntExact(2 * a.size(1)),
                alpha * (rsLora ? Math.sqrt(2) : 2));
    }

    private static void requireLike(String what, INDArray first, INDArray trained) {
        if (!first.equalShapes(trained) || first.dataType() != trained.dataType()) {
            throw new IllegalArgumentException(what + " must have the shape and type of its start, "
                    + first.shapeInfoToString() + ", got " + trained.shapeInfoToString());
        }
    }
}
