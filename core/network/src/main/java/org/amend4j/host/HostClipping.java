/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.amend4j.machine.ClippingKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.ProductPrecision;

/** Clipping on the host. */
final class HostClipping extends ClippingKernels {

    private final HostMachine machine;

    HostClipping(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeAddProductNorms(
            MatrixView x, MatrixView y, double scale, ProductPrecision precision, MachineArray norms, int steps) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeAddSumNorms(MatrixView y, MachineArray norms, int steps) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeAddTableNorms(MachineArray tokens, MatrixView y, MachineArray norms, int steps) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeAddFormedNorms(
            MachineArray products,
            MatrixView x,
            MatrixView y,
            double scale,
            ProductPrecision precision,
            MachineArray norms,
            int steps) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeClipWeights(MachineArray norms, MachineArray weights, double bound) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeScaleRows(MatrixView from, MachineArray weights, MatrixView to, int steps) {
        throw new UnsupportedOperationException(machine.name());
    }
}
