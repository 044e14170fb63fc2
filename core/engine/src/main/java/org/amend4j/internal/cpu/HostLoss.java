/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.LossKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;

/** Losses of rows on the host: one row at a time, its sums in double. */
final class HostLoss extends LossKernels {

    private final HostMachine machine;

    HostLoss(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeSoftmax(MatrixView from, MatrixView to) {
        softmax(VectorLoops.of(from.array().type()), from, to);
    }

    private <A> void softmax(VectorLoops<A> lanes, MatrixView from, MatrixView to) {
        HostRows source = HostRows.of(machine, lanes, from);
        HostRows target = HostRows.of(machine, lanes, to);
        int rows = from.rows();
        int columns = from.columns();
        machine.perform(() -> {
            A z = lanes.scratch(0, columns);
            for (int row = 0; row < rows; row++) {
                source.load(lanes, row, 1, columns, z);
                lanes.exp(z, lanes.greatest(z, 0, columns), columns);
                lanes.scale(z, 1 / lanes.sum(z, 0, columns), columns);
                target.store(lanes, z, row, 1, columns);
            }
        });
    }

    /** The loss of one row. */
    private interface OfRow<A> {

        /**
         * The loss; {@code y} is overwritten with its gradient with respect to y.
         *
         * @param t the target
         * @param other scratch as long as they are
         */
        double compute(A y, A t, A other, int columns);
    }

    @Override
    protected void computeSoftmaxCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        softmaxCrossEntropy(VectorLoops.of(losses.type()), z, target, weights, losses, gradient);
    }

    private <A> void softmaxCrossEntropy(
            VectorLoops<A> lanes,
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        OfRow<A> loss = (y, t, shifted, columns) -> {
            double most = lanes.greatest(y, 0, columns);
            lanes.copy(y, 0, shifted, 0, columns);
            lanes.exp(y, most, columns);
            double sum = lanes.sum(y, 0, columns);
            double mass = lanes.sum(t, 0, columns);
            double against = 0;
            for (int c = 0; c < columns; c++) {
                double share = lanes.get(t, c);
                if (share != 0) { // 0 times an infinite logit is no loss
                    against += share * (lanes.get(shifted, c) - most);
                }
            }
            lanes.scale(y, mass / sum, columns);
            lanes.addScaled(y, -1, t, columns);
            return columns == 0 ? 0 : mass * Math.log(sum) - against; // not 0 · log(0)
        };
        ofRows(lanes, z, target, weights, losses, gradient, loss);
    }

    @Override
    protected void computeTokenCrossEntropy(
            MatrixView z,
            MachineArray labels,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        tokenCrossEntropy(VectorLoops.of(losses.type()), z, labels, weights, losses, gradient);
    }

    private <A> void tokenCrossEntropy(
            VectorLoops<A> lanes,
            MatrixView z,
            MachineArray labels,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        HostRows logits = HostRows.of(machine, lanes, z);
        Optional<HostRows> gradients = gradient.map(matrix -> HostRows.of(machine, lanes, matrix));
        long tokens = machine.address(labels);
        long factors = weights.map(array -> machine.address(lanes, array)).orElse(0L);
        long results = machine.address(lanes, losses);
        int rows = z.rows();
        int columns = z.columns();
        machine.perform(() -> {
            int[] ofRows = RawMemory.ints(tokens, rows);
            A y = lanes.scratch(0, columns);
            A number = lanes.scratch(1, 1);
            for (int row = 0; row < rows; row++) {
                double factor = factors == 0 ? 1 : lanes.get(factors, row, number);
                double loss = 0;
                if (ofRows[row] < 0) {
                    lanes.fill(y, 0, columns, 0);
                } else if (ofRows[row] >= columns) {
                    lanes.fill(y, 0, columns, Double.NaN);
                    loss = Double.NaN;
                } else {
                    logits.load(lanes, row, 1, columns, y);
                    loss = factor * tokenCrossEntropy(lanes, y, ofRows[row], factor, columns);
                }
                lanes.put(loss, results, row, number);
                if (gradients.isPresent()) {
                    gradients.get().store(lanes, y, row, 1, columns);
                }
            }
        });
    }

    /** The loss of one row; {@code y} is overwritten with factor times its gradient. */
    private static <A> double tokenCrossEntropy(VectorLoops<A> lanes, A y, int label, double factor, int columns) {
        double most = lanes.greatest(y, 0, columns);
        double against = lanes.get(y, label) - most;
        lanes.exp(y, most, columns);
        double sum = lanes.sum(y, 0, columns);
        double own = lanes.get(y, label);
        lanes.scale(y, factor / sum, columns);
        lanes.set(y, label, -factor * (sum - own) / sum);
        return Math.log(sum) - against;
    }

    @Override
    protected void computeSigmoidCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        sigmoidCrossEntropy(VectorLoops.of(losses.type()), z, target, weights, losses, gradient);
    }

    private <A> void sigmoidCrossEntropy(
            VectorLoops<A> lanes,
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        OfRow<A> loss = (y, t, unused, columns) -> {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                double logit = lanes.get(y, c);
                double share = logit > 0 ? 1 - lanes.get(t, c) : -lanes.get(t, c);
                double small = Math.exp(-Math.abs(logit));
                sum += Math.log1p(small) + (share == 0 ? 0 : share * logit); // 0 times an infinite logit is no loss
                double tail = small / (1 + small);
                lanes.set(y, c, logit > 0 ? share - tail : share + tail);
            }
            return sum;
        };
        ofRows(lanes, z, target, weights, losses, gradient, loss);
    }

    @Override
    protected void computeSquaredError(
            MatrixView y,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            double scale) {
        squaredError(VectorLoops.of(losses.type()), y, target, weights, losses, gradient, scale);
    }

    private <A> void squaredError(
            VectorLoops<A> lanes,
            MatrixView output,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            double scale) {
        OfRow<A> loss = (y, t, unused, columns) -> {
            lanes.addScaled(y, -1, t, columns);
            double squares = lanes.dot(y, 0, y, 0, columns);
            lanes.scale(y, 2 * scale, columns);
            return scale * squares;
        };
        ofRows(lanes, output, target, weights, losses, gradient, loss);
    }

    private <A> void ofRows(
            VectorLoops<A> lanes,
            MatrixView output,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            OfRow<A> loss) {
        HostRows outputs = HostRows.of(machine, lanes, output);
        HostRows targets = HostRows.of(machine, lanes, target);
        Optional<HostRows> gradients = gradient.map(matrix -> HostRows.of(machine, lanes, matrix));
        long factors = weights.map(array -> machine.address(lanes, array)).orElse(0L);
        long results = machine.address(lanes, losses);
        int rows = output.rows();
        int columns = output.columns();
        machine.perform(() -> {
            A y = lanes.scratch(0, columns);
            A t = lanes.scratch(1, columns);
            A other = lanes.scratch(2, columns);
            A number = lanes.scratch(3, 1);
            for (int row = 0; row < rows; row++) {
                outputs.load(lanes, row, 1, columns, y);
                targets.load(lanes, row, 1, columns, t);
                double value = loss.compute(y, t, other, columns);
                if (factors != 0) {
                    double factor = lanes.get(factors, row, number);
                    value *= factor;
                    lanes.scale(y, factor, columns);
                }
                lanes.put(value, results, row, number);
                if (gradients.isPresent()) {
                    gradients.get().store(lanes, y, row, 1, columns);
                }
            }
        });
    }

    @Override
    protected void computeTotal(MachineArray values, MachineArray result) {
        sums(VectorLoops.of(values.type()), values, result, 1, values.length());
    }

    @Override
    protected void computeRowSums(MachineArray values, MachineArray sums, int columns) {
        sums(VectorLoops.of(values.type()), values, sums, (int) sums.length(), columns);
    }

    private <A> void sums(VectorLoops<A> lanes, MachineArray values, MachineArray sums, int rows, long columns) {
        long from = machine.address(lanes, values);
        long to = machine.address(lanes, sums);
        machine.perform(() -> {
            A piece = lanes.scratch(0, VectorLoops.PIECE);
            A number = lanes.scratch(1, 1);
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                for (long done = 0; done < columns; done += VectorLoops.PIECE) {
                    int n = (int) Math.min(VectorLoops.PIECE, columns - done);
                    lanes.load(from + (row * columns + done) * lanes.bytes(), piece, n);
                    sum += lanes.sum(piece, 0, n);
                }
                lanes.put(sum, to, row, number);
            }
        });
    }
}
