/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/** Losses of rows with their gradients, and softmax (loss.cu). */
public final class LossKernels {

    private static final int BLOCK = 128;

    private final Device device;
    private final KernelModule module;

    LossKernels(Device device, KernelSource source) {
        this.device = device;
        this.module = device.load(source);
    }

    public static LossKernels on(Device device) {
        return new LossKernels(device, KernelSource.resource("loss"));
    }

    /** The softmax of each row; {@code to} may be {@code from} itself. */
    public void softmax(DeviceMatrix from, DeviceMatrix to) {
        to.requireShape("out", from.rows(), from.columns());
        if (from.isEmpty()) {
            return;
        }
        module.launch(
                "softmax",
                LaunchShape.blockPerRow(from.rows(), BLOCK),
                in(from.array()),
                integer(from.stride()),
                out(to.array()),
                integer(to.stride()),
                integer(from.rows()),
                integer(from.columns()));
    }

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
    public void softmaxCrossEntropy(
            DeviceMatrix z,
            DeviceMatrix target,
            Optional<DeviceArray> weights,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient) {
        ofLogits("softmax_cross_entropy", z, target, weights, losses, gradient);
    }

    /**
     * losses = w · Σ_c [log(1 + exp z_c) − t_c z_c], gradient = w · (sigmoid(z_c) − t_c) with respect to z: the cross-entropy of
     * sigmoids, accurate to a few units for targets in [0, 1], however large the logits. Deeplearning4j's LossBinaryXENT first
     * clips the sigmoid to [1e-5, 1 − 1e-5]; the two agree where it stays inside, {@code |z| < 11.5}. Parameters as of {@link
     * #softmaxCrossEntropy}.
     */
    public void sigmoidCrossEntropy(
            DeviceMatrix z,
            DeviceMatrix target,
            Optional<DeviceArray> weights,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient) {
        ofLogits("sigmoid_cross_entropy", z, target, weights, losses, gradient);
    }

    private void ofLogits(
            String kernel,
            DeviceMatrix z,
            DeviceMatrix target,
            Optional<DeviceArray> weights,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient) {
        check(z, target, weights, losses, gradient);
        if (z.isEmpty()) {
            device.fill(losses, 0);
            return;
        }
        module.launch(
                kernel,
                LaunchShape.blockPerRow(z.rows(), BLOCK),
                in(z.array()),
                integer(z.stride()),
                in(target.array()),
                integer(target.stride()),
                weights.map(Argument::in).orElse(absent()),
                out(losses),
                gradient.map(DeviceMatrix::array).map(Argument::out).orElse(absent()),
                integer(gradient.map(DeviceMatrix::stride).orElse(0)),
                integer(z.rows()),
                integer(z.columns()));
    }

    /**
     * losses = w · scale · Σ_c (y_c − t_c)², gradient = w · 2 · scale · (y_c − t_c) with respect to y. Deeplearning4j's MSE has
     * scale = 1/columns, its L2 has 1. Parameters as of {@link #softmaxCrossEntropy}.
     */
    public void squaredError(
            DeviceMatrix y,
            DeviceMatrix target,
            Optional<DeviceArray> weights,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient,
            double scale) {
        check(y, target, weights, losses, gradient);
        Checks.finite("scale", scale);
        if (y.isEmpty()) {
            device.fill(losses, 0);
            return;
        }
        module.launch(
                "squared_error",
                LaunchShape.blockPerRow(y.rows(), BLOCK),
                in(y.array()),
                integer(y.stride()),
                in(target.array()),
                integer(target.stride()),
                weights.map(Argument::in).orElse(absent()),
                out(losses),
                gradient.map(DeviceMatrix::array).map(Argument::out).orElse(absent()),
                integer(gradient.map(DeviceMatrix::stride).orElse(0)),
                real((float) scale),
                integer(y.rows()),
                integer(y.columns()));
    }

    /** The sum of {@code values} into {@code result}, [1]; in float, at most n/256 + 13 roundings deep. */
    public void total(DeviceArray values, DeviceArray result) {
        Shapes.requireFloats("values", values, values.length());
        Shapes.requireFloats("result", result, 1);
        module.launch(
                "total",
                LaunchShape.blockPerRow(1, LaunchShape.BLOCK),
                in(values),
                out(result),
                count(values.length()));
    }

    /**
     * The sum of each row; in float, at most columns/128 + 9 roundings deep.
     *
     * @param values gapless [rows, columns]
     * @param sums [rows]
     */
    public void rowSums(DeviceArray values, DeviceArray sums, int columns) {
        Checks.atLeast(1, "columns", columns);
        int rows = Math.toIntExact(sums.length());
        Shapes.requireFloats("values", values, Math.multiplyExact((long) rows, columns));
        Shapes.requireFloats("sums", sums, rows);
        if (rows == 0) {
            return;
        }
        module.launch(
                "row_sums",
                LaunchShape.blockPerRow(rows, BLOCK),
                in(values),
                out(sums),
                integer(rows),
                integer(columns));
    }

    private static void check(
            DeviceMatrix output,
            DeviceMatrix target,
            Optional<DeviceArray> weights,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient) {
        target.requireShape("target", output.rows(), output.columns());
        weights.ifPresent(array -> Shapes.requireFloats("weights", array, output.rows()));
        Shapes.requireFloats("losses", losses, output.rows());
        gradient.ifPresent(matrix -> matrix.requireShape("gradient", output.rows(), output.columns()));
    }
}
