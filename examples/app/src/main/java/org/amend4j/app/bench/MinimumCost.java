/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

/**
 * The minimum cost of a computation. Flops are those of matrix products, multiplications and additions counted separately.
 *
 * @param outputs flops that make outputs
 * @param inputGradients flops that make gradients of inputs
 * @param weightGradients flops that make gradients of weights
 * @param bytes that go to and from memory at least once
 */
record MinimumCost(double outputs, double inputGradients, double weightGradients, double bytes) {

    double flops() {
        return outputs + inputGradients + weightGradients;
    }

    /** The flops of products that lie so in memory. */
    double flops(Layout layout) {
        return switch (layout) {
            case TN -> outputs;
            case NN -> inputGradients;
            case NT -> weightGradients;
        };
    }

    MinimumCost times(double count) {
        return new MinimumCost(outputs * count, inputGradients * count, weightGradients * count, bytes * count);
    }

    /** For JSON. */
    record Facts(double flops, double bytes) {}

    Facts facts() {
        return new Facts(flops(), bytes);
    }
}
