/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import org.amend4j.machine.Machine;
import org.amend4j.machine.WeightStorage;

/** How much one product does. */
enum Fusion {
    /** A layer's product and those of its adapter are apart; kernels add them up, with bias and activation. */
    SEPARATE,
    /**
     * An adapter's factors lie beside its layer's frozen weight, and what they are multiplied with beside the layer's rows, so that one product
     * does both; bias and rectifier, and their gradients, end products ({@link org.amend4j.machine.Epilogue}).
     */
    JOINT;

    /** What suits a machine: joint products where they have epilogues. */
    static Fusion on(Machine machine, Arithmetic arithmetic) {
        return machine.hasEpilogues() && arithmetic.storage() == WeightStorage.FP32 ? JOINT : SEPARATE;
    }
}
