/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.util.Arrays;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.Owned;

/** A sum of many vectors with very small error: two numbers an element ({@link org.amend4j.machine.AccumulationKernels}). */
final class PairSum implements AutoCloseable {

    private final Machine machine;
    private final MachineArray high;
    private final MachineArray low;
    private final Owned owned = new Owned();

    /** Not cleared yet. */
    PairSum(Machine machine, String owner, ElementType type, long length) {
        this.machine = machine;
        try {
            this.high = owned.add(machine.allocate(owner, type, length));
            this.low = owned.add(machine.allocate(owner + "'s rest", type, length));
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

    /** Overwrites a vector with it. */
    void read(double[] vector) {
        double[] sum = machine.downloadDoubles(high);
        double[] rest = machine.downloadDoubles(low);
        Arrays.setAll(vector, k -> sum[k] + rest[k]);
    }

    @Override
    public void close() {
        owned.close();
    }
}
