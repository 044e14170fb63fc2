/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;

/** Batch normalisation with stored statistics: y = factor·x + shift per channel (batch_norm.cu). */
public abstract class BatchNormKernels {

    /**
     * y = factor·x + shift; without a shift, with the output's gradient for x, it is the input's gradient.
     *
     * @param x [outer, channels, inner]: inner is height · width where channels come first, 1 where they come last
     * @param factor [channels]
     * @param shift [channels]
     * @param y as x; may be x itself
     */
    public final void apply(
            MachineArray x, MachineArray factor, Optional<MachineArray> shift, MachineArray y, long inner) {
        long channels = factor.length();
        Shapes.requireReals("x", x, y.length());
        Shapes.requireReals("y", y, x.length());
        Shapes.requireReals("factor", factor, channels);
        shift.ifPresent(array -> Shapes.requireReals("shift", array, channels));
        if (channels == 0 || inner < 1 || x.length() % (channels * inner) != 0) {
            throw new IllegalArgumentException(
                    "x must be [outer, " + channels + ", " + inner + "], got " + x.length() + " elements");
        }
        if (x.length() == 0) {
            return;
        }
        computeApply(x, factor, shift, y, inner);
    }

    protected abstract void computeApply(
            MachineArray x, MachineArray factor, Optional<MachineArray> shift, MachineArray y, long inner);
}
