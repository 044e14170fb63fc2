/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/** Losses of rows with their gradients, and softmax. */
public abstract class LossKernels {

    /** The softmax of each row; {@code to} may be {@code from} itself. */
    public final void softmax(MatrixView from, MatrixView to) {
        to.requireShape("out", from.rows(), from.columns());
        if (from.isEmpty()) {
            return;
        }
        computeSoftmax(from, to);
    }

    protected abstract void computeSoftmax(MatrixView from, MatrixView to);

    /**
     * losses = w · Σ_c t_c (log Σ_j exp z_j − z_c), gradient = w · (softmax(z)_c Σ t − t_c) with respect to z: exact also for
     * targets that do not sum to 1.
     *
     * @param z logits, [rows, columns]
     * @param target [rows, columns]
     * @param weights w, [rows]; without them 1
     * @param losses [rows]
     * @param gradient [rows, columns]; may be {@code z} itself
     */
    public final void softmaxCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        check(z, target, weights, losses, gradient);
        computeSoftmaxCrossEntropy(z, target, weights, losses, gradient);
    }

    protected abstract void computeSoftmaxCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient);

    /**
     * The cross-entropy of rows with token numbers: losses = w · (log Σ_j exp z_j − z_y), gradient = w · (softmax(z) − onehot(y)) with
     * respect to z. A negative label y counts for nothing: its row's loss and gradient are 0, and its logits are not read. Those of a label
     * that is no column are NaN.
     *
     * @param z logits, [rows, columns]
     * @param labels y, INT [rows]
     * @param weights w, [rows]; without them 1
     * @param losses [rows]
     * @param gradient [rows, columns]; may be {@code z} itself
     */
    public final void tokenCrossEntropy(
            MatrixView z,
            MachineArray labels,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        Shapes.requireInts("labels", labels, z.rows());
        checkRows(z, weights, losses, gradient);
        computeTokenCrossEntropy(z, labels, weights, losses, gradient);
    }

    protected abstract void computeTokenCrossEntropy(
            MatrixView z,
            MachineArray labels,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient);

    /**
     * losses = w · Σ_c [log(1 + exp z_c) − t_c z_c], gradient = w · (sigmoid(z_c) − t_c) with respect to z: the cross-entropy of
     * sigmoids, accurate to a few units for targets in [0, 1], however large the logits. Deeplearning4j's LossBinaryXENT first
     * clips the sigmoid to [1e-5, 1 − 1e-5]; the two agree where it stays inside, {@code |z| < 11.5}. Parameters as of {@link
     * #softmaxCrossEntropy}.
     */
    public final void sigmoidCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        check(z, target, weights, losses, gradient);
        computeSigmoidCrossEntropy(z, target, weights, losses, gradient);
    }

    protected abstract void computeSigmoidCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient);

    /**
     * losses = w · scale · Σ_c (y_c − t_c)², gradient = w · 2 · scale · (y_c − t_c) with respect to y. Deeplearning4j's MSE has
     * scale = 1/columns, its L2 has 1. Parameters as of {@link #softmaxCrossEntropy}.
     */
    public final void squaredError(
            MatrixView y,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            double scale) {
        check(y, target, weights, losses, gradient);
        Checks.finite("scale", scale);
        computeSquaredError(y, target, weights, losses, gradient, scale);
    }

    protected abstract void computeSquaredError(
            MatrixView y,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            double scale);

    /** The sum of {@code values} into {@code result}, [1]; in float, at most n/256 + 13 roundings deep. */
    public final void total(MachineArray values, MachineArray result) {
        Shapes.requireReals("values", values, values.length());
        Shapes.requireReals("result", result, 1);
        computeTotal(values, result);
    }

    protected abstract void computeTotal(MachineArray values, MachineArray result);

    /**
     * The sum of each row; in float, at most columns/128 + 9 roundings deep.
     *
     * @param values gapless [rows, columns]
     * @param sums [rows]
     */
    public final void rowSums(MachineArray values, MachineArray sums, int columns) {
        Checks.atLeast(1, "columns", columns);
        int rows = Math.toIntExact(sums.length());
        Shapes.requireReals("values", values, Math.multiplyExact((long) rows, columns));
        Shapes.requireReals("sums", sums, rows);
        if (rows == 0) {
            return;
        }
        computeRowSums(values, sums, columns);
    }

    protected abstract void computeRowSums(MachineArray values, MachineArray sums, int columns);

    private static void check(
            MatrixView output,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        target.requireShape("target", output.rows(), output.columns());
        checkRows(output, weights, losses, gradient);
    }

    private static void checkRows(
            MatrixView output, Optional<MachineArray> weights, MachineArray losses, Optional<MatrixView> gradient) {
        weights.ifPresent(array -> Shapes.requireReals("weights", array, output.rows()));
        Shapes.requireReals("losses", losses, output.rows());
        gradient.ifPresent(matrix -> matrix.requireShape("gradient", output.rows(), output.columns()));
    }
}
