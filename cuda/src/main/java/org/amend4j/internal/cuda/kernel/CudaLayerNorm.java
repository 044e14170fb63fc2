/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.internal.backend.LayerNormKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** LayerNorm on a device (layer_norm.cu). */
final class CudaLayerNorm extends LayerNormKernels {

    private static final int BLOCK = 128;

    private final KernelModule module;

    CudaLayerNorm(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaLayerNorm on(Device device) {
        return new CudaLayerNorm(device, KernelSource.resource("layer_norm"));
    }

    @Override
    protected void computeForward(
            MatrixView x,
            MachineArray gain,
            Optional<MachineArray> bias,
            MatrixView y,
            Statistics statistics,
            double epsilon) {
        module.launch(
                "layer_norm",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(x.array()),
                integer(x.stride()),
                in(gain),
                bias.map(Argument::in).orElse(absent()),
                out(y.array()),
                integer(y.stride()),
                out(statistics.means()),
                out(statistics.inverses()),
                real((float) epsilon),
                integer(x.rows()),
                integer(x.columns()));
    }

    @Override
    protected void computeGradient(
            MatrixView dy, MatrixView x, MachineArray gain, Statistics statistics, MatrixView dx) {
        module.launch(
                "layer_norm_gradient",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(gain),
                in(statistics.means()),
                in(statistics.inverses()),
                out(dx.array()),
                integer(dx.stride()),
                integer(x.rows()),
                integer(x.columns()));
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, Statistics statistics, MachineArray products) {
        module.launch(
                "layer_norm_products",
                Grids.columnsBy(x.columns(), x.rows(), 0),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(statistics.means()),
                in(statistics.inverses()),
                out(products),
                integer(x.rows()),
                integer(x.columns()));
    }
}
