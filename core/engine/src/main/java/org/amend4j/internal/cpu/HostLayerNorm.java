/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.LayerNormKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels.Gain;
import org.amend4j.internal.cpu.NormalisedRows.Moments;

/** Layer normalisation on the host. */
final class HostLayerNorm extends LayerNormKernels {

    private final NormalisedRows rows;

    HostLayerNorm(HostMachine machine) {
        this.rows = new NormalisedRows(machine);
    }

    private static Moments moments(Statistics statistics) {
        return new Moments(Optional.of(statistics.means()), statistics.inverses());
    }

    @Override
    protected void computeForward(
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon) {
        rows.forward(VectorLoops.of(gain.type()), x, Gain.of(gain), bias, y, moments(statistics), epsilon);
    }

    @Override
    protected void computeGradient(
            MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx) {
        rows.gradient(VectorLoops.of(gain.type()), dy, x, Gain.of(gain), moments(statistics), dx);
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, Statistics statistics, MachineArray products) {
        rows.gainProducts(VectorLoops.of(products.type()), dy, x, moments(statistics), products);
    }
}
