/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.internal.backend.LossKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Loss on a device (loss.cu). */
final class CudaLoss extends LossKernels {

    private static final int BLOCK = 128;
    /** Columns from which on a row of a vocabulary takes more threads. */
    private static final int WIDE = 4096;

    private static final int WIDE_BLOCK = 1024;

    private final Device device;
    private final KernelModule module;

    CudaLoss(Device device, KernelSource source) {
        this.device = device;
        this.module = device.load(source);
    }

    public static CudaLoss on(Device device) {
        return new CudaLoss(device, KernelSource.resource("loss"));
    }

    @Override
    protected void computeSoftmax(MatrixView from, MatrixView to) {
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

    @Override
    protected void computeTokenCrossEntropy(
            MatrixView z,
            MachineArray labels,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        if (z.rows() == 0) {
            return;
        }
        module.launch(
                "token_cross_entropy",
                LaunchShape.blockPerRow(z.rows(), z.columns() > WIDE ? WIDE_BLOCK : BLOCK),
                in(z.array()),
                integer(z.stride()),
                in(labels),
                weights.map(Argument::in).orElse(absent()),
                out(losses),
                gradient.map(MatrixView::array).map(Argument::out).orElse(absent()),
                integer(gradient.map(MatrixView::stride).orElse(0)),
                integer(z.rows()),
                integer(z.columns()));
    }

    @Override
    protected void computeSoftmaxCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        ofLogits("softmax_cross_entropy", z, target, weights, losses, gradient);
    }

    @Override
    protected void computeSigmoidCrossEntropy(
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        ofLogits("sigmoid_cross_entropy", z, target, weights, losses, gradient);
    }

    private void ofLogits(
            String kernel,
            MatrixView z,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient) {
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
                gradient.map(MatrixView::array).map(Argument::out).orElse(absent()),
                integer(gradient.map(MatrixView::stride).orElse(0)),
                integer(z.rows()),
                integer(z.columns()));
    }

    @Override
    protected void computeSquaredError(
            MatrixView y,
            MatrixView target,
            Optional<MachineArray> weights,
            MachineArray losses,
            Optional<MatrixView> gradient,
            double scale) {
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
                gradient.map(MatrixView::array).map(Argument::out).orElse(absent()),
                integer(gradient.map(MatrixView::stride).orElse(0)),
                real((float) scale),
                integer(y.rows()),
                integer(y.columns()));
    }

    @Override
    protected void computeTotal(MachineArray values, MachineArray result) {
        module.launch(
                "total",
                LaunchShape.blockPerRow(1, LaunchShape.BLOCK),
                in(values),
                out(result),
                count(values.length()));
    }

    @Override
    protected void computeRowSums(MachineArray values, MachineArray sums, int columns) {
        int rows = Math.toIntExact(sums.length());
        module.launch(
                "row_sums",
                LaunchShape.blockPerRow(rows, BLOCK),
                in(values),
                out(sums),
                integer(rows),
                integer(columns));
    }
}
