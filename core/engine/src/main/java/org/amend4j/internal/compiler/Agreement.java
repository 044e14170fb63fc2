/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Locale;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * Whether a plan gives on an example what Deeplearning4j's layers give. Rounding moves values by a small part of the largest one; values in
 * another order, or of another formula, differ by about as much as values do. The limit is between the two, nearer to the second. A network that
 * amplifies rounding to more than that is refused, too: then the layers compute, which is slower and nothing else.
 */
public final class Agreement {

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
     * @param what was computed, to be named in a refusal
     * @param difference between Deeplearning4j's values and the plan's, the largest, at least 0
     * @param size of the values, the largest; nothing is required of values that are not finite
     * @throws UnsupportedNetworkException if they are others
     */
    public static void require(String what, double difference, double size, Arithmetic arithmetic) {
        boolean rounded =
                arithmetic.products() != ProductPrecision.FP32 || arithmetic.frozenProducts() != ProductPrecision.FP32;
        double part = rounded ? ROUNDED_PRODUCTS : EXACT_PRODUCTS;
        if (Double.isFinite(size) && !(difference <= part * size + NOTHING)) {
            throw new UnsupportedNetworkException(String.format(
                    Locale.ROOT,
                    "%s of the first example differs by %.2g from what Deeplearning4j computes, where values are up to %.2g",
                    what,
                    difference,
                    size));
        }
    }
}
