/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Dropout on a device (dropout.cu). */
final class CudaDropout extends DropoutKernels {

    private final KernelModule module;

    CudaDropout(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaDropout on(Device device) {
        return new CudaDropout(device, KernelSource.resource("dropout"));
    }

    @Override
    protected void computeSetKey(MachineArray key, int lower, int upper) {
        module.launch("set_key", LaunchShape.linear(1), out(key), integer(lower), integer(upper));
    }

    @Override
    protected void computeDrop(MatrixView x, Mask mask, MatrixView to, boolean add) {
        module.launch(
                "dropout",
                Grids.columnsBy(x.columns(), x.rows(), 0),
                in(x.array()),
                integer(x.stride()),
                in(mask.key()),
                count(mask.stream()),
                count(mask.firstRow()),
                integer(mask.threshold()),
                real((float) mask.factor()),
                out(to.array()),
                integer(to.stride()),
                integer(add ? 1 : 0),
                integer(x.rows()),
                integer(x.columns()));
    }
}
