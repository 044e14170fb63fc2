/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Locale;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.plan.Arithmetic;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whether a plan gives on an example what Deeplearning4j's layers give. Rounding moves values by a small part of the largest one; values in
 * another order, or of another formula, differ by about as much as values do. The limit is between the two, nearer to the second. A network that
 * amplifies rounding to more than that is refused, too: then the layers compute, which is slower and nothing else.
 */
final class Agreement {

    /** Part of the largest value that sums in another order may differ by, through all layers. */
    private static final double EXACT_PRODUCTS = 1.0 / 32;

    /** The same where factors of products are rounded to 8 digits. */
    private static final double ROUNDED_PRODUCTS = 1.0 / 4;

    /** Values below it may be what is left of larger ones that cancel. */
    private static final double NOTHING = 1e-5;

    private Agreement() {}

    /**
     * Compares.
     *
     * @param expected of Deeplearning4j's layers
     * @param found of a plan, in as many values
     * @throws UnsupportedNetworkException if they are others
     */
    static void require(String vertex, INDArray expected, INDArray found, Arithmetic arithmetic) {
        if (expected.isEmpty()) {
            return;
        }
        INDArray right = expected.castTo(DataType.DOUBLE).dup('c').ravel();
        INDArray apart = found.castTo(DataType.DOUBLE).dup('c').ravel().subi(right);
        double largest = right.amaxNumber().doubleValue();
        double difference = apart.amaxNumber().doubleValue();
        if (!Double.isFinite(largest)) {
            return;
        }
        boolean rounded =
                arithmetic.products() != ProductPrecision.FP32 || arithmetic.frozenProducts() != ProductPrecision.FP32;
        if (!(difference <= (rounded ? ROUNDED_PRODUCTS : EXACT_PRODUCTS) * largest + NOTHING)) {
            throw new UnsupportedNetworkException(String.format(
                    Locale.ROOT,
                    "'%s' of the first example differs by %.2g from what Deeplearning4j computes, where values are up to %.2g",
                    vertex,
                    difference,
                    largest));
        }
    }
}
