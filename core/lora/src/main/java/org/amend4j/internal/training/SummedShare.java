/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.ParameterLayout;

/** A share that is summed up block by block and clipped when it is whole: its norm is that of the sum that the machine has. */
final class SummedShare implements AutoCloseable {

    private final ElementType type;
    private final PairSum sum;
    private final VectorNorm norm;
    private final Owned owned = new Owned();

    SummedShare(Machine machine, ElementType type, ParameterLayout layout) {
        this.type = type;
        try {
            this.sum = owned.add(new PairSum(machine, "a share", type, layout));
            this.norm = owned.add(new VectorNorm(machine, type, layout.length()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        sum.clear();
    }

    void add(MachineArray gradient) {
        sum.add(gradient);
    }

    /**
     * Adds the clipped share to a sum, unless its norm is not finite, and begins the next.
     *
     * @param bound the largest norm
     * @return the norm before, an upper bound
     */
    double clipInto(PairSum total, double bound) {
        double before = sum.norm(norm);
        if (Double.isFinite(before)) {
            total.add(sum, weight(before, bound));
        }
        sum.clear();
        return before;
    }

    /** As {@link ClippingKernels#clipWeights} has it. */
    private double weight(double before, double bound) {
        double weight = before <= bound ? 1 : bound / before;
        return weight < ClippingKernels.leastWeight(type) ? 0 : weight;
    }

    @Override
    public void close() {
        owned.close();
    }
}
