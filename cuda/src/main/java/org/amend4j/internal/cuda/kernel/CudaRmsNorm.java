/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Norms by root mean squares on a device (rms_norm.cu). */
final class CudaRmsNorm extends RmsNormKernels {

    private static final int BLOCK = 128;

    private final KernelModule module;

    CudaRmsNorm(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaRmsNorm on(Device device) {
        return new CudaRmsNorm(device, KernelSource.resource("rms_norm"));
    }

    @Override
    protected void computeForward(MatrixView x, Gain gain, MatrixView y, MachineArray inverses, double epsilon) {
        module.launch(
                "rms_norm",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(x.array()),
                integer(x.stride()),
                in(gain.values()),
                real((float) gain.offset()),
                out(y.array()),
                integer(y.stride()),
                out(inverses),
                real((float) epsilon),
                integer(x.rows()),
                integer(x.columns()));
    }

    @Override
    protected void computeGradient(MatrixView dy, MatrixView x, Gain gain, MachineArray inverses, MatrixView dx) {
        module.launch(
                "rms_norm_gradient",
                LaunchShape.blockPerRow(x.rows(), BLOCK),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(gain.values()),
                real((float) gain.offset()),
                in(inverses),
                out(dx.array()),
                integer(dx.stride()),
                integer(x.rows()),
                integer(x.columns()));
    }

    @Override
    protected void computeGainProducts(MatrixView dy, MatrixView x, MachineArray inverses, MachineArray products) {
        module.launch(
                "rms_norm_products",
                Grids.columnsBy(x.columns(), x.rows(), 0),
                in(dy.array()),
                integer(dy.stride()),
                in(x.array()),
                integer(x.stride()),
                in(inverses),
                out(products),
                integer(x.rows()),
                integer(x.columns()));
    }
}
