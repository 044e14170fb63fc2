/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.network.Activation;

/** y = x·Wᵀ + b on a machine, with W in its memory. */
final class MachineLinear implements AutoCloseable {

    private final Machine machine;
    private final Linear of;
    private final Owned memory = new Owned();
    private final MachineArray weights;
    private final FrozenFactor factor;
    private final Optional<MachineArray> bias;

    /** @param rows the most of a product */
    MachineLinear(Machine machine, Linear of, int rows, ProductPrecision precision) {
        this.machine = machine;
        this.of = of;
        Matrix matrix = of.matrix();
        try {
            weights = memory.add(
                    MachineTables.upload(machine, of.module(), matrix::row, matrix.outputs(), matrix.inputs()));
            factor = memory.add(machine.freeze(
                    of.module(), new FrozenMatrix(weights, matrix.inputs(), matrix.outputs(), true, rows, precision)));
            bias = of.bias().map(values -> memory.add(machine.allocate(of.module(), values)));
        } catch (RuntimeException failed) {
            memory.close();
            throw failed;
        }
    }

    int outputs() {
        return of.matrix().outputs();
    }

    /** W, [outputs, inputs]. */
    MatrixView table() {
        return MatrixView.of(weights, of.matrix().outputs(), of.matrix().inputs());
    }

    /** y = a(x·Wᵀ + b) for gapless rows. */
    void apply(MachineRows rows, MatrixView x, MatrixView y, Activation activation) {
        factor.multiply(x.array(), y.array(), x.rows(), 1, 0);
        rows.adapt(of, x, y);
        if (bias.isPresent() || !activation.equals(Activation.IDENTITY)) {
            machine.kernels().activation().biasActivation(y, bias, Optional.empty(), y, activation);
        }
    }

    /** y += x·Wᵀ + b for gapless rows. */
    void addTo(MachineRows rows, MatrixView x, MatrixView y) {
        factor.multiply(x.array(), y.array(), x.rows(), 1, 1);
        rows.adapt(of, x, y);
        if (bias.isPresent()) {
            machine.kernels().activation().biasActivation(y, bias, Optional.empty(), y, Activation.IDENTITY);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
