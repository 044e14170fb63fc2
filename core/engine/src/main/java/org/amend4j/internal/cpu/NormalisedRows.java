/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels.Gain;

/** Rows divided by the root of their mean square, with their mean taken off before or not: one row at a time, its moments in double. */
record NormalisedRows(HostMachine machine) {

    /**
     * What is known of rows.
     *
     * @param means [rows]; empty where they are not taken off
     * @param inverses of the divisors, [rows]
     */
    record Moments(Optional<MachineArray> means, MachineArray inverses) {}

    /**
     * Where rows that are normalised lie, and what is known of them.
     *
     * @param means address, or 0 where they are not taken off
     * @param inverses address
     */
    private record Known<A>(VectorLoops<A> lanes, HostRows rows, long means, long inverses, int columns) {

        boolean isCentred() {
            return means != 0;
        }

        /**
         * Loads x̂.
         *
         * @param ofRow scratch of one number
         * @return the inverse that it was multiplied with
         */
        double load(int row, A to, A ofRow) {
            rows.load(lanes, row, 1, columns, to);
            if (isCentred()) {
                lanes.shift(to, -lanes.get(means, row, ofRow), columns);
            }
            double inverse = lanes.get(inverses, row, ofRow);
            lanes.scale(to, inverse, columns);
            return inverse;
        }
    }

    private <A> Known<A> known(VectorLoops<A> lanes, MatrixView x, Moments moments) {
        return new Known<>(
                lanes,
                HostRows.of(machine, lanes, x),
                address(lanes, moments.means()),
                machine.address(lanes, moments.inverses()),
                x.columns());
    }

    /** Writes moments and y = gain ∘ x̂ + bias. */
    <A> void forward(
            VectorLoops<A> lanes,
            MatrixView x,
            Gain gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Moments moments,
            double epsilon) {
        Known<A> known = known(lanes, x, moments);
        HostRows to = HostRows.of(machine, lanes, y);
        long gains = machine.address(lanes, gain.values());
        long shifts = address(lanes, bias);
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A values = lanes.scratch(0, columns);
            A factors = lanes.scratch(1, columns);
            A shift = lanes.scratch(2, columns);
            A ofRow = lanes.scratch(3, 1);
            loadGain(lanes, gains, gain.offset(), factors, columns);
            if (shifts != 0) {
                lanes.load(shifts, shift, columns);
            }
            for (int row = 0; row < rows; row++) {
                known.rows().load(lanes, row, 1, columns, values);
                if (known.isCentred()) {
                    lanes.put(takeMeanOff(lanes, values, columns), known.means(), row, ofRow);
                }
                double inverse = divide(lanes, values, columns, epsilon);
                lanes.multiply(values, factors, columns);
                if (shifts != 0) {
                    lanes.add(values, shift, columns);
                }
                to.store(lanes, values, row, 1, columns);
                lanes.put(inverse, known.inverses(), row, ofRow);
            }
        });
    }

    /** Takes a row's mean off; gives it. */
    static <A> double takeMeanOff(VectorLoops<A> lanes, A row, int columns) {
        double mean = lanes.quickSum(row, columns) / columns;
        lanes.shift(row, -mean, columns);
        return mean;
    }

    /** Divides a row by the root of its mean square and ε; gives the inverse of that. */
    static <A> double divide(VectorLoops<A> lanes, A row, int columns, double epsilon) {
        double inverse = 1 / Math.sqrt(lanes.quickDot(row, row, columns) / columns + epsilon);
        lanes.scale(row, inverse, columns);
        return inverse;
    }

    /** 0 for none. */
    private long address(VectorLoops<?> lanes, Optional<MachineArray> array) {
        return array.map(there -> machine.address(lanes, there)).orElse(0L);
    }

    private static <A> void loadGain(VectorLoops<A> lanes, long gains, double offset, A to, int columns) {
        lanes.load(gains, to, columns);
        if (offset != 0) {
            lanes.shift(to, offset, columns);
        }
    }

    /** With q = gain ∘ dy: dx = (q − x̂ · mean(q ∘ x̂)) · inverse, less mean(q) · inverse where means are taken off. */
    <A> void gradient(VectorLoops<A> lanes, MatrixView dy, MatrixView x, Gain gain, Moments moments, MatrixView dx) {
        Known<A> known = known(lanes, x, moments);
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows to = HostRows.of(machine, lanes, dx);
        long gains = machine.address(lanes, gain.values());
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
                double inverse = known.load(row, normal, ofRow);
                lanes.multiply(q, factors, columns);
                double along = lanes.quickDot(q, normal, columns) / columns;
                if (known.isCentred()) {
                    lanes.shift(q, -lanes.quickSum(q, columns) / columns, columns);
                }
                lanes.addScaled(q, -along, normal, columns);
                lanes.scale(q, inverse, columns);
                to.store(lanes, q, row, 1, columns);
            }
        });
    }

    /** x̂ ∘ dy. */
    <A> void gainProducts(VectorLoops<A> lanes, MatrixView dy, MatrixView x, Moments moments, MachineArray products) {
        Known<A> known = known(lanes, x, moments);
        HostRows upstream = HostRows.of(machine, lanes, dy);
        HostRows to = new HostRows(machine.address(lanes, products), x.columns());
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            A normal = lanes.scratch(0, columns);
            A d = lanes.scratch(1, columns);
            A ofRow = lanes.scratch(2, 1);
            for (int row = 0; row < rows; row++) {
                known.load(row, normal, ofRow);
                upstream.load(lanes, row, 1, columns, d);
                lanes.multiply(normal, d, columns);
                to.store(lanes, normal, row, 1, columns);
            }
        });
    }
}
