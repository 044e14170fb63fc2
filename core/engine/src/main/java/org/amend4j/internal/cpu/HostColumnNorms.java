/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.ColumnNormKernels;
import org.amend4j.internal.backend.MachineArray;

/** Norms of adapted columns on the host: some columns at a time, added up in double. */
final class HostColumnNorms extends ColumnNormKernels {

    /** Columns at a time. */
    private static final int SOME = 512;

    private final HostMachine machine;

    HostColumnNorms(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeScales(Parts parts, MachineArray magnitude, MachineArray scales, MachineArray reciprocals) {
        scales(VectorLoops.of(magnitude.type()), parts, magnitude, scales, reciprocals);
    }

    private <A> void scales(
            VectorLoops<A> lanes, Parts parts, MachineArray magnitude, MachineArray scales, MachineArray reciprocals) {
        Columns<A> of = new Columns<>(machine, lanes, parts);
        long magnitudes = machine.address(lanes, magnitude);
        long toScales = machine.address(lanes, scales);
        long toReciprocals = machine.address(lanes, reciprocals);
        machine.perform(() -> {
            for (int first = 0; first < parts.columns(); first += SOME) {
                int n = Math.min(SOME, parts.columns() - first);
                double[] inverse = of.reciprocals(first, n);
                long at = (long) first * lanes.bytes();
                double[] scale = of.read(magnitudes + at, n);
                for (int j = 0; j < n; j++) {
                    scale[j] *= inverse[j];
                }
                of.write(inverse, toReciprocals + at);
                of.write(scale, toScales + at);
            }
        });
    }

    /** The columns and where their parts are. */
    private static final class Columns<A> {

        private final VectorLoops<A> lanes;
        private final Parts parts;
        private final long weight;
        private final long a;
        private final long b;
        private final long low;
        private final long gram;
        private final long squares;

        Columns(HostMachine machine, VectorLoops<A> lanes, Parts parts) {
            this.lanes = lanes;
            this.parts = parts;
            this.weight = machine.address(lanes, parts.weight());
            this.a = machine.address(lanes, parts.a());
            this.b = machine.address(lanes, parts.b());
            this.low = machine.address(lanes, parts.low());
            this.gram = machine.address(lanes, parts.gram());
            this.squares = machine.address(lanes, parts.squares());
        }

        /** 1/c of n columns. */
        double[] reciprocals(int first, int n) {
            double s = parts.scale();
            double[][] ofB = lines(b, first, n);
            double[] square = read(squares + (long) first * lanes.bytes(), n);
            double[] cross = new double[n];
            double[] weights = read(gram, parts.rank() * parts.rank());
            for (int k = 0; k < parts.rank(); k++) {
                double[] along = new double[n]; // (AᵀA B)_k
                for (int l = 0; l < parts.rank(); l++) {
                    addScaled(along, weights[k * parts.rank() + l], ofB[l]);
                }
                addProduct(square, s * s, ofB[k], along);
                addProduct(cross, 2 * s, ofB[k], line(low, k, first, n));
            }
            for (int j = 0; j < n; j++) {
                double sum = square[j] + cross[j];
                double norm = Math.sqrt(sum > LEFT * square[j] ? sum : squareOfFormed(first + j, j, ofB));
                square[j] = norm == 0 ? 0 : 1 / norm;
            }
            return square;
        }

        private static void addScaled(double[] x, double factor, double... y) {
            for (int j = 0; j < x.length; j++) {
                x[j] += factor * y[j];
            }
        }

        private static void addProduct(double[] x, double factor, double[] y, double... z) {
            for (int j = 0; j < x.length; j++) {
                x[j] += factor * y[j] * z[j];
            }
        }

        private double squareOfFormed(int column, int place, double[][] ofB) {
            int rows = parts.rows();
            double[] formed = read(weight + (long) column * rows * lanes.bytes(), rows);
            for (int k = 0; k < parts.rank(); k++) {
                double[] ofA = read(a + (long) k * rows * lanes.bytes(), rows);
                addScaled(formed, parts.scale() * ofB[k][place], ofA);
            }
            double sum = 0;
            for (double value : formed) {
                sum += value * value;
            }
            return sum;
        }

        private double[][] lines(long matrix, int first, int n) {
            double[][] lines = new double[parts.rank()][];
            for (int k = 0; k < lines.length; k++) {
                lines[k] = line(matrix, k, first, n);
            }
            return lines;
        }

        /** Of row k of a matrix [rank, columns]. */
        private double[] line(long matrix, int k, int first, int n) {
            return read(matrix + ((long) k * parts.columns() + first) * lanes.bytes(), n);
        }

        double[] read(long from, int n) {
            A values = lanes.scratch(0, n);
            lanes.load(from, values, n);
            double[] result = new double[n];
            for (int j = 0; j < n; j++) {
                result[j] = lanes.get(values, j);
            }
            return result;
        }

        void write(double[] values, long to) {
            A rounded = lanes.scratch(0, values.length);
            for (int j = 0; j < values.length; j++) {
                lanes.set(rounded, j, values[j]);
            }
            lanes.store(rounded, to, values.length);
        }
    }
}
