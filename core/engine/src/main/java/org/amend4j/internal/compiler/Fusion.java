/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.Machine;

/** How much one product does. */
public enum Fusion {
    /** A layer's product and those of its adapter are apart; kernels add them up, with bias and activation. */
    SEPARATE,
    /**
     * An adapter's factors lie beside its layer's frozen weight, and what they are multiplied with beside the layer's rows, so that one product
     * does both; bias and rectifier, and their gradients, end products ({@link org.amend4j.internal.backend.Epilogue}).
     */
    JOINT;

    /** What suits a machine: joint products where they have epilogues. */
    public static Fusion on(Machine machine, Arithmetic arithmetic) {
        return machine.hasEpilogues() && arithmetic.storage() == WeightStorage.FP32 ? JOINT : SEPARATE;
    }

    /**
     * An arithmetic for training on a machine: where products of rounded factors are joint, rows between them and the weights are kept
     * rounded, in bfloat16, which halves what moves. Parameters, moments, losses and sums are of the arithmetic's type.
     */
    public static Arithmetic forTraining(Machine machine, Arithmetic arithmetic) {
        boolean narrow = arithmetic.products() == ProductPrecision.BF16 && on(machine, arithmetic) == JOINT;
        return narrow
                ? new Arithmetic(
                        arithmetic.type(),
                        arithmetic.products(),
                        arithmetic.frozenProducts(),
                        arithmetic.storage(),
                        ElementType.BFLOAT16)
                : arithmetic;
    }
}
