/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.ParameterLayout;

/** A sum of many vectors of the size of parameters with very small error: two numbers an element ({@link org.amend4j.internal.backend.AccumulationKernels}). */
final class PairSum implements AutoCloseable {

    private final Machine machine;
    private final ParameterLayout layout;
    private final MachineArray high;
    private final MachineArray low;
    private final Owned owned = new Owned();

    /** Not cleared yet. */
    PairSum(Machine machine, String owner, ElementType type, ParameterLayout layout) {
        this.machine = machine;
        this.layout = layout;
        try {
            this.high = owned.add(machine.allocate(owner, type, layout.length()));
            this.low = owned.add(machine.allocate(owner + "'s rest", type, layout.length()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    void clear() {
        machine.fill(high, 0);
        machine.fill(low, 0);
    }

    void add(MachineArray vector) {
        add(vector, 1);
    }

    private void add(MachineArray vector, double factor) {
        machine.kernels().accumulation().addTo(vector, factor, high, low);
    }

    /** Adds factor times another sum. */
    void add(PairSum other, double factor) {
        add(other.high, factor);
        add(other.low, factor);
    }

    /** An upper bound of its norm; waits for the machine. */
    double norm(VectorNorm norm) {
        return norm.read(high) + norm.read(low);
    }

    /** Overwrites a vector with it, in the order of the parameter vector. */
    void read(double[] vector) {
        double[] sum = layout.packed(machine.downloadDoubles(high));
        double[] rest = layout.packed(machine.downloadDoubles(low));
        for (int k = 0; k < vector.length; k++) {
            vector[k] = sum[k] + rest[k];
        }
    }

    @Override
    public void close() {
        owned.close();
    }
}
