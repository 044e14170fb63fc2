/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.MatrixView;

/**
 * Bounds of examples' norms on the host. The norm of Σ_t x_t y_tᵀ is √(Σ_{t,u} ⟨x_t, x_u⟩⟨y_t, y_u⟩), from Gram matrices in double:
 * terms cancel, their errors do not, and are added to the square before the root.
 */
final class HostClipping extends ClippingKernels {

    /** A rounding, with what products of roundings add as long as all together are below 2^-6. */
    private static final double ROUNDING = 0x1p-53 * (1 + 0x1p-5);

    private final HostMachine machine;

    HostClipping(HostMachine machine) {
        this.machine = machine;
    }

    /** Σ_{t,u} k(t, u)·⟨y_t, y_u⟩ of one example, and Σ_t √k(t, t)·‖y_t‖: what errors are relative to. */
    private record Pairs(double squares, double sizes) {

        /** An upper bound of the root of the exact sum: squares err by so many roundings of sizes². */
        double root(double roundings) {
            return Math.sqrt(Math.max(0, squares) + ROUNDING * roundings * sizes * sizes);
        }
    }

    @Override
    protected void computeAddProductNorms(
            MatrixView x, MatrixView y, double scale, ProductPrecision precision, MachineArray norms, int steps) {
        productNorms(VectorLoops.of(norms.type()), x, y, scale, norms, steps);
    }

    private <A> void productNorms(
            VectorLoops<A> lanes, MatrixView x, MatrixView y, double scale, MachineArray norms, int steps) {
        HostRows inputs = HostRows.of(machine, lanes, x);
        HostRows deltas = HostRows.of(machine, lanes, y);
        long results = machine.address(lanes, norms);
        long examples = norms.length();
        double ofProduct = productError(lanes, steps);
        double roundings = x.columns() + (double) y.columns() + (double) steps * steps + 8;
        machine.perform(() -> {
            for (int example = 0; example < examples; example++) {
                Pairs pairs = pairs(
                        gram(lanes, inputs, example * steps, steps, x.columns()),
                        gram(lanes, deltas, example * steps, steps, y.columns()),
                        steps);
                addNorm(lanes, results, example, scale * (pairs.root(roundings) + ofProduct * pairs.sizes()));
            }
        });
    }

    @Override
    protected void computeAddSumNorms(MatrixView y, MachineArray norms, int steps) {
        sumNorms(VectorLoops.of(norms.type()), y, norms, steps);
    }

    private <A> void sumNorms(VectorLoops<A> lanes, MatrixView y, MachineArray norms, int steps) {
        HostRows deltas = HostRows.of(machine, lanes, y);
        long results = machine.address(lanes, norms);
        long examples = norms.length();
        int columns = y.columns();
        double ofSum = productError(lanes, steps);
        double roundings = 2.0 * (columns + (double) steps) + 8;
        machine.perform(() -> {
            int[] oneWord = new int[steps];
            for (int example = 0; example < examples; example++) {
                Pairs pairs = sums(lanes, deltas, example * steps, columns, oneWord);
                addNorm(lanes, results, example, pairs.root(roundings) + ofSum * pairs.sizes());
            }
        });
    }

    /** Σ_k ‖Σ_{t: word_t = k} y_t‖² and Σ_t ‖y_t‖. */
    private static <A> Pairs sums(VectorLoops<A> lanes, HostRows rows, int from, int columns, int... words) {
        long[] places = places(words);
        A row = lanes.scratch(0, columns);
        double[] total = new double[columns];
        double squares = 0;
        double sizes = 0;
        for (int k = 0; k < places.length; k++) {
            rows.load(lanes, from + (int) places[k], 1, columns, row);
            for (int c = 0; c < columns; c++) {
                total[c] += lanes.get(row, c);
            }
            sizes += Math.sqrt(lanes.dot(row, 0, row, 0, columns));
            if (k + 1 == places.length || places[k + 1] >> Integer.SIZE != places[k] >> Integer.SIZE) {
                squares += DoubleLoops.ONLY.dot(total, 0, total, 0, columns);
                Arrays.fill(total, 0);
            }
        }
        return new Pairs(squares, sizes);
    }

    /** Words with their places in the low bits, equal words next to each other. */
    private static long[] places(int... words) {
        long[] places = new long[words.length];
        Arrays.setAll(places, t -> ((long) words[t] << Integer.SIZE) + t);
        Arrays.sort(places);
        return places;
    }

    @Override
    protected void computeAddTableNorms(
            MachineArray tokens, MatrixView y, double scale, MachineArray norms, int steps) {
        tableNorms(VectorLoops.of(norms.type()), tokens, y, scale, norms, steps);
    }

    private <A> void tableNorms(
            VectorLoops<A> lanes, MachineArray tokens, MatrixView y, double scale, MachineArray norms, int steps) {
        HostRows deltas = HostRows.of(machine, lanes, y);
        long words = machine.address(tokens);
        long results = machine.address(lanes, norms);
        long examples = norms.length();
        int columns = y.columns();
        double ofSum = productError(lanes, steps);
        double roundings = 2.0 * columns + 3.0 * steps + 8;
        machine.perform(() -> {
            for (int example = 0; example < examples; example++) {
                int[] mine = RawMemory.ints(words + (long) example * steps * Integer.BYTES, steps);
                Pairs pairs = sums(lanes, deltas, example * steps, columns, mine);
                addNorm(lanes, results, example, scale * (pairs.root(roundings) + ofSum * pairs.sizes()));
            }
        });
    }

    /** ⟨row_t, row_u⟩ of an example's rows, [steps, steps]. */
    private static <A> double[] gram(VectorLoops<A> lanes, HostRows rows, int from, int steps, int columns) {
        A some = lanes.scratch(0, steps * columns);
        rows.load(lanes, from, steps, columns, some);
        if (steps == 1) {
            return new double[] {lanes.dot(some, 0, some, 0, columns)};
        }
        double[] wide = new double[steps * columns];
        for (int k = 0; k < wide.length; k++) {
            wide[k] = lanes.get(some, k);
        }
        double[] gram = new double[steps * steps];
        Gemm product = Gemm.contiguous(MatrixOrder.ROWS, false, true, steps, steps, columns);
        HostArrays.multiply(product, wide, wide, gram);
        return gram;
    }

    private static Pairs pairs(double[] k, double[] gram, int steps) {
        double squares = 0;
        for (int pair = 0; pair < gram.length; pair++) {
            squares += k[pair] * gram[pair];
        }
        double sizes = 0;
        for (int t = 0; t < steps; t++) {
            sizes += Math.sqrt(k[t * (steps + 1)] * gram[t * (steps + 1)]);
        }
        return new Pairs(squares, sizes);
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
        formedNorms(VectorLoops.of(norms.type()), products, x, y, scale, norms, steps);
    }

    /** The formed products err, too, so that the error of the gradient counts twice. */
    private <A> void formedNorms(
            VectorLoops<A> lanes,
            MachineArray products,
            MatrixView x,
            MatrixView y,
            double scale,
            MachineArray norms,
            int steps) {
        HostRows inputs = HostRows.of(machine, lanes, x);
        HostRows deltas = HostRows.of(machine, lanes, y);
        long formed = machine.address(lanes, products);
        long results = machine.address(lanes, norms);
        long examples = norms.length();
        int count = x.columns() * y.columns();
        double ofProduct = productError(lanes, steps);
        machine.perform(() -> {
            A product = lanes.scratch(2, count);
            for (int example = 0; example < examples; example++) {
                lanes.load(formed + (long) example * count * lanes.bytes(), product, count);
                double squares = lanes.dot(product, 0, product, 0, count) * (1 + ROUNDING * (count + 1.0));
                double sizes = sizes(lanes, inputs, deltas, example * steps, steps, x.columns(), y.columns());
                addNorm(lanes, results, example, scale * (Math.sqrt(squares) + 2 * ofProduct * sizes));
            }
        });
    }

    /** Σ_t ‖x_t‖·‖y_t‖, rounded up. */
    private static <A> double sizes(
            VectorLoops<A> lanes, HostRows x, HostRows y, int from, int steps, int columnsX, int columnsY) {
        A left = lanes.scratch(0, columnsX);
        A right = lanes.scratch(1, columnsY);
        double sizes = 0;
        for (int t = from; t < from + steps; t++) {
            x.load(lanes, t, 1, columnsX, left);
            y.load(lanes, t, 1, columnsY, right);
            sizes += Math.sqrt(lanes.dot(left, 0, left, 0, columnsX) * lanes.dot(right, 0, right, 0, columnsY));
        }
        return sizes * (1 + ROUNDING * (columnsX + (double) columnsY + steps + 4));
    }

    /** As {@link #productError(ProductPrecision, int)}, of sums in the type of the numbers. */
    private static double productError(VectorLoops<?> lanes, int steps) {
        return productError(ProductPrecision.FP32, steps) * (lanes.unit() / FloatLoops.ONLY.unit());
    }

    /** norms[example] = the root of its square and bound's, rounded up. */
    private static <A> void addNorm(VectorLoops<A> lanes, long norms, int example, double bound) {
        A number = lanes.scratch(3, 1);
        long at = norms + (long) example * lanes.bytes();
        lanes.load(at, number, 1);
        double old = lanes.get(number, 0);
        double size = Math.abs(bound); // the scale may be negative
        lanes.set(number, 0, Math.sqrt(old * old + size * size) * (1 + 4 * lanes.unit()));
        lanes.store(number, at, 1);
    }

    @Override
    protected void computeClipWeights(MachineArray norms, MachineArray weights, double bound) {
        clipWeights(VectorLoops.of(norms.type()), norms, weights, bound);
    }

    private <A> void clipWeights(VectorLoops<A> lanes, MachineArray norms, MachineArray weights, double bound) {
        long from = machine.address(lanes, norms);
        long to = machine.address(lanes, weights);
        int count = Math.toIntExact(norms.length());
        double most = lanes == FloatLoops.ONLY ? roundedDown(bound) : bound;
        double least = leastWeight(norms.type());
        machine.perform(() -> {
            A values = lanes.scratch(0, count);
            lanes.load(from, values, count);
            for (int k = 0; k < count; k++) {
                double norm = lanes.get(values, k);
                double weight = norm <= most ? 1 : most / norm;
                lanes.set(values, k, weight < least ? 0 : weight);
            }
            lanes.store(values, to, count);
        });
    }

    @Override
    protected void computeScaleRows(MatrixView from, MachineArray weights, MatrixView to, int steps) {
        scaleRows(VectorLoops.of(weights.type()), from, weights, to, steps);
    }

    private <A> void scaleRows(VectorLoops<A> lanes, MatrixView from, MachineArray weights, MatrixView to, int steps) {
        HostRows source = HostRows.of(machine, lanes, from);
        HostRows target = HostRows.of(machine, lanes, to);
        long factors = machine.address(lanes, weights);
        int rows = from.rows();
        int columns = from.columns();
        machine.perform(() -> {
            A row = lanes.scratch(0, columns);
            A weight = lanes.scratch(1, 1);
            for (int k = 0; k < rows; k++) {
                lanes.load(factors + (long) (k / steps) * lanes.bytes(), weight, 1);
                source.load(lanes, k, 1, columns, row);
                lanes.scale(row, lanes.get(weight, 0), columns);
                target.store(lanes, row, k, 1, columns);
            }
        });
    }
}
