/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.Optional;
import org.amend4j.machine.LayerNormKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;

/** Layer normalisation on the host: one row at a time, its moments in double. */
final class HostLayerNorm extends LayerNormKernels {

    private final HostMachine machine;

    HostLayerNorm(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeForward(
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon) {
        forward(Lanes.of(gain.type()), x, gain, bias, y, statistics, epsilon);
    }

    private <A> void forward(
            Lanes<A> lanes,
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon) {
        HostRows from = HostRows.of(machine, lanes, x);
        HostRows to = HostRows.of(machine, lanes, y);
        long gains = machine.address(lanes, gain);
        long shifts = bias.map(array -> machine.address(lanes, array)).orElse(0L);
        long means = machine.address(lanes, statistics.means());
        long inverses = machine.address(lanes, statistics.inverses());
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A values = lanes.scratch(0, columns);
            A factors = lanes.scratch(1, columns);
            A shift = lanes.scratch(2, columns);
            A ofRow = lanes.scratch(3, 1);
            lanes.load(gains, factors, columns);
            if (shifts != 0) {
                lanes.load(shifts, shift, columns);
            }
            for (int row = 0; row < rows; row++) {
                from.load(lanes, row, 1, columns, values);
                double mean = lanes.quickSum(values, columns) / columns;
                lanes.shift(values, -mean, columns);
                double inverse = 1 / Math.sqrt(lanes.quickDot(values, values, columns) / columns + epsilon);
                lanes.scale(values, inverse, columns);
                lanes.multiply(values, factors, columns);
                if (shifts != 0) {
                    lanes.add(values, shift, columns);
                }
                to.store(lanes, values, row, 1, columns);
                lanes.put(mean, means, row, ofRow);
                lanes.put(inverse, inverses, row, ofRow);
            }
        });
    }

    /** With x̂ the normalised row and q = gain ∘ dy: dx = (q − mean(q) − x̂ · mean(q ∘ x̂)) · inverse. */
    @Override
    protected void computeGradient(
            MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx) {
        gradient(Lanes.of(gain.type()), dy, x, gain, statistics, dx);
    }

    private <A> void gradient(
            Lanes<A> lanes, MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx) {
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows input = HostRows.of(machine, lanes, x);
        HostRows to = HostRows.of(machine, lanes, dx);
        long gains = machine.address(lanes, gain);
        long means = machine.address(lanes, statistics.means());
        long inverses = machine.address(lanes, statistics.inverses());
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A q = lanes.scratch(0, columns);
            A normal = lanes.scratch(1, columns);
            A factors = lanes.scratch(2, columns);
            A ofRow = lanes.scratch(3, 1);
            lanes.load(gains, factors, columns);
            for (int row = 0; row < rows; row++) {
                upstream.load(lanes, row, 1, columns, q);
                input.load(lanes, row, 1, columns, normal);
                double inverse = lanes.get(inverses, row, ofRow);
                lanes.shift(normal, -lanes.get(means, row, ofRow), columns);
                lanes.scale(normal, inverse, columns);
                lanes.multiply(q, factors, columns);
                double along = lanes.quickDot(q, normal, columns) / columns;
                lanes.shift(q, -lanes.quickSum(q, columns) / columns, columns);
                lanes.addScaled(q, -along, normal, columns);
                lanes.scale(q, inverse, columns);
                to.store(lanes, q, row, 1, columns);
            }
        });
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, Statistics statistics, MachineArray products) {
        gainProducts(Lanes.of(products.type()), dy, x, statistics, products);
    }

    private <A> void gainProducts(
            Lanes<A> lanes, MatrixView dy, MatrixView x, Statistics statistics, MachineArray products) {
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows input = HostRows.of(machine, lanes, x);
        HostRows to = new HostRows(machine.address(lanes, products), x.columns());
        long means = machine.address(lanes, statistics.means());
        long inverses = machine.address(lanes, statistics.inverses());
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A normal = lanes.scratch(0, columns);
            A d = lanes.scratch(1, columns);
            A ofRow = lanes.scratch(2, 1);
            for (int row = 0; row < rows; row++) {
                input.load(lanes, row, 1, columns, normal);
                upstream.load(lanes, row, 1, columns, d);
                lanes.shift(normal, -lanes.get(means, row, ofRow), columns);
                lanes.scale(normal, lanes.get(inverses, row, ofRow), columns);
                lanes.multiply(normal, d, columns);
                to.store(lanes, normal, row, 1, columns);
            }
        });
    }
}
