/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.GateKernels;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.network.Activation;

/** Gates on a device (gate.cu). */
final class CudaGate extends GateKernels {

    private final KernelModule module;

    CudaGate(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaGate on(Device device) {
        return new CudaGate(device, KernelSource.resource("gate"));
    }

    @Override
    protected void computeForward(Inputs of, MatrixView y, Activation activation) {
        module.launch(
                "gate",
                Grids.columnsBy(y.columns(), y.rows(), 0),
                in(of.a().array()),
                integer(of.a().stride()),
                in(of.b().array()),
                integer(of.b().stride()),
                out(y.array()),
                integer(y.stride()),
                integer(y.rows()),
                integer(y.columns()),
                ActivationCodes.argument(activation),
                real((float) activation.slope()));
    }

    @Override
    protected void computeGradient(MatrixView dy, Inputs of, Inputs to, Activation activation) {
        module.launch(
                "gate_gradient",
                Grids.columnsBy(dy.columns(), dy.rows(), 0),
                in(dy.array()),
                integer(dy.stride()),
                in(of.a().array()),
                integer(of.a().stride()),
                in(of.b().array()),
                integer(of.b().stride()),
                out(to.a().array()),
                integer(to.a().stride()),
                out(to.b().array()),
                integer(to.b().stride()),
                integer(dy.rows()),
                integer(dy.columns()),
                ActivationCodes.argument(activation),
                real((float) activation.slope()));
    }
}
