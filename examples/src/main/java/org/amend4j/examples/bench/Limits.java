package org.amend4j.examples.bench;

/**
 * What was measured of the hardware.
 *
 * @param gigaflops a second, of large square matrix products
 * @param gigabytes a second, read and written by a copy
 */
record Limits(double gigaflops, double gigabytes) {

    static final String FORMULA =
            "floor = flops of the matrix products / measured peak + bytes moved / measured bandwidth;"
                    + " bytes = 4 x (weights, once forward and once backward, + 5 x activations: written, read forward, read"
                    + " backward, gradient written and read); fraction = floor / median";

    /** A time that nothing with this cost falls much short of: products at their peak, then everything moved once. */
    double floorMilliseconds(Cost cost) {
        return cost.flops() / gigaflops / 1e6 + cost.bytes() / gigabytes / 1e6;
    }
}
