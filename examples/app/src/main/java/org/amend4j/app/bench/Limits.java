/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

/**
 * What was measured of the hardware.
 *
 * @param peaks of large square matrix products
 * @param gigabytes a second, read and written by a copy
 */
record Limits(Peaks peaks, double gigabytes) {

    static final String FORMULA =
            "floor = flops of the matrix products / measured peak of their layout (TN: outputs, NN: input gradients, NT: weight"
                    + " gradients) + bytes moved / measured bandwidth; bytes = 4 x (weights, once forward and once backward,"
                    + " + 5 x activations: written, read forward, read backward, gradient written and read); fraction = floor /"
                    + " median";

    /** A time that nothing with this cost falls much short of: products at their peaks, then everything moved once. */
    double floorMilliseconds(MinimumCost cost) {
        double products = 0;
        for (Layout layout : Layout.values()) {
            products += cost.flops(layout) / peaks.of(layout) / 1e6;
        }
        return products + cost.bytes() / gigabytes / 1e6;
    }
}
