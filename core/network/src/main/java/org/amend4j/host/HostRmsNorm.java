/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.RmsNormKernels;

/** Normalisation by root mean squares on the host: one row at a time, its square in double. */
final class HostRmsNorm extends RmsNormKernels {

    private final HostMachine machine;

    HostRmsNorm(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeForward(MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon) {
        forward(Lanes.of(inverses.type()), x, gain, y, inverses, epsilon);
    }

    private <A> void forward(
            Lanes<A> lanes, MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon) {
        HostRows from = HostRows.of(machine, lanes, x);
        HostRows to = HostRows.of(machine, lanes, y);
        long gains = machine.address(lanes, gain.values());
        long results = machine.address(lanes, inverses);
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A values = lanes.scratch(0, columns);
            A factors = lanes.scratch(1, columns);
            A ofRow = lanes.scratch(2, 1);
            loadGain(lanes, gains, gain.offset(), factors, columns);
            for (int row = 0; row < rows; row++) {
                from.load(lanes, row, 1, columns, values);
                double inverse = 1 / Math.sqrt(lanes.quickDot(values, values, columns) / columns + epsilon);
                lanes.scale(values, inverse, columns);
                lanes.multiply(values, factors, columns);
                to.store(lanes, values, row, 1, columns);
                lanes.put(inverse, results, row, ofRow);
            }
        });
    }

    private static <A> void loadGain(Lanes<A> lanes, long gains, double offset, A to, int columns) {
        lanes.load(gains, to, columns);
        if (offset != 0) {
            lanes.shift(to, offset, columns);
        }
    }

    /** With x̂ the normalised row and q = gain ∘ dy: dx = (q − x̂ · mean(q ∘ x̂)) · inverse. */
    @Override
    protected void computeGradient(MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx) {
        gradient(Lanes.of(inverses.type()), dy, x, gain, inverses, dx);
    }

    private <A> void gradient(
            Lanes<A> lanes, MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx) {
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows input = HostRows.of(machine, lanes, x);
        HostRows to = HostRows.of(machine, lanes, dx);
        long gains = machine.address(lanes, gain.values());
        long ofRows = machine.address(lanes, inverses);
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A q = lanes.scratch(0, columns);
            A normal = lanes.scratch(1, columns);
            A factors = lanes.scratch(2, columns);
            A ofRow = lanes.scratch(3, 1);
            loadGain(lanes, gains, gain.offset(), factors, columns);
            for (int row = 0; row < rows; row++) {
                upstream.load(lanes, row, 1, columns, q);
                input.load(lanes, row, 1, columns, normal);
                double inverse = lanes.get(ofRows, row, ofRow);
                lanes.scale(normal, inverse, columns);
                lanes.multiply(q, factors, columns);
                lanes.addScaled(q, -lanes.quickDot(q, normal, columns) / columns, normal, columns);
                lanes.scale(q, inverse, columns);
                to.store(lanes, q, row, 1, columns);
            }
        });
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products) {
        gainProducts(Lanes.of(products.type()), dy, x, inverses, products);
    }

    private <A> void gainProducts(
            Lanes<A> lanes, MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products) {
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows input = HostRows.of(machine, lanes, x);
        HostRows to = new HostRows(machine.address(lanes, products), x.columns());
        long ofRows = machine.address(lanes, inverses);
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A normal = lanes.scratch(0, columns);
            A d = lanes.scratch(1, columns);
            A ofRow = lanes.scratch(2, 1);
            for (int row = 0; row < rows; row++) {
                input.load(lanes, row, 1, columns, normal);
                upstream.load(lanes, row, 1, columns, d);
                lanes.scale(normal, lanes.get(ofRows, row, ofRow), columns);
                lanes.multiply(normal, d, columns);
                to.store(lanes, normal, row, 1, columns);
            }
        });
    }
}
