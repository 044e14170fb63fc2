/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import org.amend4j.internal.validation.Checks;

/**
 * A network of {@code depth} ReLU layers {@code width} to {@code width}, each with an adapter, and a softmax layer to ten
 * classes that trains in full; and how many records it sees at a time.
 */
record DenseCase(int depth, int width, int rank, int records) {

    static final int CLASSES = 10;

    DenseCase {
        Checks.atLeast(1, "depth", depth);
        Checks.atLeast(1, "width", width);
        Checks.inRange(1, width, "rank", rank);
        Checks.atLeast(1, "records", records);
    }

    /** The cost of value and gradient, which are a training step but for the update of a few thousand numbers. */
    MinimumCost gradientCost() {
        double n = records;
        double layer = n * width * width;
        double adapter = n * width * rank;
        double output = n * width * CLASSES;
        // Of a layer y = xW + xAB, P = xA: xW, xA and PB forward; dWᵀ and what goes down through A, but for the lowest,
        // and
        // dBᵀ, which A's own gradient needs too; the gradients Pᵀd and xᵀ(dBᵀ).
        double outputs = depth * layer + 2 * depth * adapter + output;
        double inputGradients = (depth - 1) * layer + (2 * depth - 1) * adapter + output;
        double weightGradients = 2 * depth * adapter + output;
        double weights = (2.0 * depth - 1) * width * width + 2.0 * width * CLASSES + 4.0 * depth * width * rank;
        double activations = n * width * (depth + 1) + n * CLASSES;
        return new MinimumCost(
                2 * outputs, 2 * inputGradients, 2 * weightGradients, Float.BYTES * (weights + 5 * activations));
    }

    @Override
    public String toString() {
        return depth + " x " + width + ", rank " + rank + ", " + records + " records";
    }
}
