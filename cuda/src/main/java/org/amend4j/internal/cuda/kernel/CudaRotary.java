/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RotaryKernels;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;

/** Rotary positions on a device (rotary.cu). */
final class CudaRotary extends RotaryKernels {

    private final KernelModule module;

    CudaRotary(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaRotary on(Device device) {
        return new CudaRotary(device, KernelSource.resource("rotary"));
    }

    @Override
    protected void computeTurn(MatrixView x, MachineArray positions, Angles angles, MatrixView y, boolean back) {
        module.launch(
                "rotate_halves",
                Grids.columnsBy(x.columns() / 2, x.rows(), 0),
                in(x.array()),
                integer(x.stride()),
                in(positions),
                in(angles.cosines().array()),
                integer(angles.cosines().stride()),
                in(angles.sines().array()),
                integer(angles.sines().stride()),
                integer(angles.cosines().rows()),
                integer(angles.cosines().columns()),
                out(y.array()),
                integer(y.stride()),
                integer(back ? 1 : 0),
                integer(x.rows()),
                integer(x.columns()));
    }
}
