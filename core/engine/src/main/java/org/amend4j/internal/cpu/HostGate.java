/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.GateKernels;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Activation;

/** Gates on the host: whole rows at a time, while they are in the first cache. */
final class HostGate extends GateKernels {

    private final HostMachine machine;

    HostGate(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeForward(Inputs of, MatrixView y, Activation activation) {
        forward(VectorLoops.of(y.array().type()), of, y, activation);
    }

    private <A> void forward(VectorLoops<A> lanes, Inputs of, MatrixView y, Activation activation) {
        HostRows opening = HostRows.of(machine, lanes, of.a());
        HostRows passing = HostRows.of(machine, lanes, of.b());
        HostRows to = HostRows.of(machine, lanes, y);
        int rows = y.rows();
        int columns = y.columns();
        machine.perform(() -> {
            int some = VectorLoops.rowsInHand(columns);
            A a = lanes.scratch(0, some * columns);
            A b = lanes.scratch(1, some * columns);
            for (int row = 0; row < rows; row += some) {
                int count = Math.min(some, rows - row);
                opening.load(lanes, row, count, columns, a);
                passing.load(lanes, row, count, columns, b);
                lanes.activate(activation, a, count * columns);
                lanes.multiply(a, b, count * columns);
                to.store(lanes, a, row, count, columns);
            }
        });
    }

    @Override
    protected void computeGradient(MatrixView dy, Inputs of, Inputs to, Activation activation) {
        gradient(VectorLoops.of(dy.array().type()), dy, of, to, activation);
    }

    private <A> void gradient(VectorLoops<A> lanes, MatrixView dy, Inputs of, Inputs to, Activation activation) {
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows opening = HostRows.of(machine, lanes, of.a());
        HostRows passing = HostRows.of(machine, lanes, of.b());
        HostRows toOpening = HostRows.of(machine, lanes, to.a());
        HostRows toPassing = HostRows.of(machine, lanes, to.b());
        int rows = dy.rows();
        int columns = dy.columns();
        machine.perform(() -> {
            int some = VectorLoops.rowsInHand(columns);
            A d = lanes.scratch(0, some * columns);
            A a = lanes.scratch(1, some * columns);
            A b = lanes.scratch(2, some * columns);
            A opened = lanes.scratch(3, some * columns);
            for (int row = 0; row < rows; row += some) {
                int count = Math.min(some, rows - row);
                int n = count * columns;
                upstream.load(lanes, row, count, columns, d);
                opening.load(lanes, row, count, columns, a);
                passing.load(lanes, row, count, columns, b);
                lanes.copy(a, 0, opened, 0, n);
                lanes.activate(activation, opened, n);
                lanes.multiply(opened, d, n);
                lanes.multiply(d, b, n);
                lanes.differentiate(activation, d, a, n);
                toOpening.store(lanes, d, row, count, columns);
                toPassing.store(lanes, opened, row, count, columns);
            }
        });
    }
}
