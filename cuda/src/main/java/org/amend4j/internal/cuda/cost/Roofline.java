/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import org.amend4j.backend.ProductPrecision;

/** How long a card would take for a call: for its arithmetic or for its bytes, whichever takes longer (Williams et al. 2009). */
record Roofline(Card card, ProductPrecision precision, Assumptions assumptions) {

    private static final double MICRO = 1e-6;

    /** Microseconds at the data sheet's peak and bandwidth: no card is faster, unless a cache keeps what one call leaves to the next. */
    double floor(Call call) {
        return microseconds(call, peak(call), 1);
    }

    /** Microseconds with everything that is assumed. */
    double predicted(Call call) {
        double bandwidth =
                call.kind() == Call.Kind.SKINNY_PRODUCT ? assumptions.skinnyProducts() : assumptions.kernels();
        double arithmetic = call.kind() == Call.Kind.KERNEL ? assumptions.arithmetic() : assumptions.largeProducts();
        return microseconds(call, arithmetic * peak(call), bandwidth) + assumptions.launchMicroseconds();
    }

    /** TFLOP/s: of kernels in single precision, as those compute whose arithmetic is counted. */
    private double peak(Call call) {
        return card.teraflops(call.kind() == Call.Kind.KERNEL ? ProductPrecision.FP32 : precision);
    }

    private double microseconds(Call call, double teraflops, double shareOfBandwidth) {
        if (call.kind() == Call.Kind.TRANSFER) {
            return 0; // over the bus, which no data sheet of a card knows
        }
        double arithmetic = call.flops() / (teraflops * 1e12);
        double moving = call.traffic().bytes() / (card.gigabytes() * 1e9 * shareOfBandwidth);
        return Math.max(arithmetic, moving) / MICRO;
    }
}
