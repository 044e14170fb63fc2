/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels;
import org.amend4j.internal.cpu.NormalisedRows.Moments;

/** Normalisation by root mean squares on the host. */
final class HostRmsNorm extends RmsNormKernels {

    private final NormalisedRows rows;

    HostRmsNorm(HostMachine machine) {
        this.rows = new NormalisedRows(machine);
    }

    private static Moments moments(MachineArray inverses) {
        return new Moments(Optional.empty(), inverses);
    }

    @Override
    protected void computeForward(MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon) {
        rows.forward(VectorLoops.of(inverses.type()), x, gain, Optional.empty(), y, moments(inverses), epsilon);
    }

    @Override
    protected void computeGradient(MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx) {
        rows.gradient(VectorLoops.of(inverses.type()), dy, x, gain, moments(inverses), dx);
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products) {
        rows.gainProducts(VectorLoops.of(products.type()), dy, x, moments(inverses), products);
    }
}
