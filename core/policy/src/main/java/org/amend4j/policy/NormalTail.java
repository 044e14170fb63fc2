/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/** The probability that a standard normal number is above x. */
final class NormalTail {

    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    private NormalTail() {}

    static double logarithm(double x) {
        return x > 0
                ? Math.log(Erfcx.value(x * ROOT_HALF) / 2) - x * x / 2
                : Math.log1p(-Erfc.value(-x * ROOT_HALF) / 2);
    }

    /** -∂/∂x of the logarithm: the density over the probability. */
    static double hazard(double x) {
        return ROOT_2_OVER_PI / Erfcx.value(x * ROOT_HALF);
    }
}
