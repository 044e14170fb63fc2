/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Upper bounds of {@code ‖uᵀv‖}, the Frobenius norm of a sum over rows, {@code Σ_t u_tᵀv_t}. Rows may cancel, and rounding
 * does not shrink with the sum: it is proportional to {@code S = Σ_t ‖u_t‖‖v_t‖}, and to S² in the sum of the Gram
 * matrices' products. The bounds add it, and so also hold for what a product of the same rows is computed to be.
 */
final class ProductNorm {

    /** The Gram matrices do where rounding can be no more than this share of their sum. */
    private static final double MOST_OF_A_GRAM_SUM = 1.0 / 64;

    private ProductNorm() {}

    /**
     * The square of a bound; by the product itself or as {@code ⟨uuᵀ, vvᵀ⟩}, whichever is less work and says enough.
     *
     * @param u [rows, m]
     * @param v [rows, n]
     * @param rounding what a sum of products errs by, of the sum of the magnitudes
     */
    static double squaredBound(INDArray u, INDArray v, double rounding) {
        double sum = sumOfNorms(u, v);
        if (u.size(0) * (u.size(1) + v.size(1)) < u.size(1) * v.size(1)) {
            double gram = product(u, u, false, true)
                    .muli(product(v, v, false, true))
                    .sumNumber()
                    .doubleValue();
            double error = rounding * sum * sum;
            if (error <= MOST_OF_A_GRAM_SUM * gram) {
                return gram + error;
            }
        }
        double norm = product(u, v, true, false).norm2Number().doubleValue() + rounding * sum;
        return norm * norm;
    }

    /**
     * The square of a bound of {@code ‖Σ_t v_t‖}.
     *
     * @param v [rows, n]
     */
    static double squaredBoundOfSum(INDArray v, double rounding) {
        double sum = 0;
        for (double square : RowNorms.squared(v)) {
            sum += Math.sqrt(square);
        }
        double norm = v.sum(0).norm2Number().doubleValue() + rounding * sum;
        return norm * norm;
    }

    private static double sumOfNorms(INDArray u, INDArray v) {
        double[] ofU = RowNorms.squared(u);
        double[] ofV = RowNorms.squared(v);
        double sum = 0;
        for (int t = 0; t < ofU.length; t++) {
            sum += Math.sqrt(ofU[t]) * Math.sqrt(ofV[t]);
        }
        return sum;
    }

    private static INDArray product(INDArray u, INDArray v, boolean transposeU, boolean transposeV) {
        long[] shape = {u.size(transposeU ? 1 : 0), v.size(transposeV ? 0 : 1)};
        INDArray result = Nd4j.createUninitialized(u.dataType(), shape, 'f');
        return Nd4j.gemm(u, v, result, transposeU, transposeV, 1, 0);
    }
}
