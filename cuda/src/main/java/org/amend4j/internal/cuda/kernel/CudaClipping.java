/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Clipping on a device (clipping.cu). */
final class CudaClipping extends ClippingKernels {

    private static final int BLOCK = 128;

    private final KernelModule module;

    CudaClipping(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaClipping on(Device device) {
        return new CudaClipping(device, KernelSource.resource("clipping"));
    }

    @Override
    protected void computeAddProductNorms(
            MatrixView x, MatrixView y, double scale, ProductPrecision precision, MachineArray norms, int steps) {
        launch(in(x.array()), x.stride(), x.columns(), absent(), y, scale, precision, norms, steps);
    }

    @Override
    protected void computeAddSumNorms(MatrixView y, MachineArray norms, int steps) {
        launch(absent(), 0, 0, absent(), y, 1, ProductPrecision.FP32, norms, steps);
    }

    @Override
    protected void computeAddTableNorms(
            MachineArray tokens, MatrixView y, double scale, MachineArray norms, int steps) {
        launch(absent(), 0, 0, in(tokens), y, scale, ProductPrecision.FP32, norms, steps);
    }

    private void launch(
            Argument x,
            int strideX,
            int columnsX,
            Argument tokens,
            MatrixView y,
            double scale,
            ProductPrecision precision,
            MachineArray norms,
            int steps) {
        int examples = (int) norms.length();
        module.launch(
                "ghost_norms",
                blockPerExample(examples),
                x,
                integer(strideX),
                integer(columnsX),
                tokens,
                in(y.array()),
                integer(y.stride()),
                integer(y.columns()),
                real(Math.abs((float) scale)),
                real((float) productError(precision, steps)),
                out(norms),
                integer(examples),
                integer(steps));
    }

    /** With a double of shared memory for each warp. */
    private static LaunchShape blockPerExample(int examples) {
        LaunchShape floats = LaunchShape.blockPerRow(examples, BLOCK);
        return new LaunchShape(floats.gridX(), floats.gridY(), BLOCK, BLOCK / 32 * Double.BYTES);
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
        int examples = (int) norms.length();
        long count = (long) x.columns() * y.columns();
        module.launch(
                "formed_norms",
                blockPerExample(examples),
                in(products),
                count(count),
                in(x.array()),
                integer(x.stride()),
                integer(x.columns()),
                in(y.array()),
                integer(y.stride()),
                integer(y.columns()),
                real(Math.abs((float) scale)),
                real((float) productError(precision, steps)),
                out(norms),
                integer(examples),
                integer(steps));
    }

    @Override
    protected void computeClipWeights(MachineArray norms, MachineArray weights, double bound) {
        module.launch(
                "clip_weights",
                LaunchShape.linear(norms.length()),
                in(norms),
                out(weights),
                real(roundedDown(bound)),
                integer((int) norms.length()));
    }

    @Override
    protected void computeScaleRows(MatrixView from, MachineArray weights, MatrixView to, int steps) {
        module.launch(
                "scale_rows",
                Grids.columnsBy(from.columns(), from.rows(), 0),
                in(from.array()),
                integer(from.stride()),
                in(weights),
                out(to.array()),
                integer(to.stride()),
                integer(from.rows()),
                integer(from.columns()),
                integer(steps));
    }
}
