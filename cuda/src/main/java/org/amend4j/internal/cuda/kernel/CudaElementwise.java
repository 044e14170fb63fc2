/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.internal.backend.ElementwiseKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Elementwise on a device (elementwise.cu). */
final class CudaElementwise extends ElementwiseKernels {

    private static final int SIDE = 32;

    private final ModulesByType modules;

    /** Of a source that is whatever its rows are. */
    CudaElementwise(Device device, KernelSource source) {
        this(ModulesByType.only(device, source));
    }

    private CudaElementwise(ModulesByType modules) {
        this.modules = modules;
    }

    public static CudaElementwise on(Device device) {
        return new CudaElementwise(ModulesByType.of(device, "elementwise"));
    }

    @Override
    protected void computeScaled(MachineArray a, double alpha, Optional<MachineArray> b, double beta, MachineArray to) {
        modules.of(a)
                .launch(
                        "scaled_sum",
                        LaunchShape.linear(a.length()),
                        in(a),
                        real((float) alpha),
                        b.map(Argument::in).orElse(absent()),
                        real((float) beta),
                        out(to),
                        count(a.length()));
    }

    @Override
    protected void computeProduct(MachineArray a, MachineArray b, MachineArray to) {
        modules.of(a).launch("product", LaunchShape.linear(a.length()), in(a), in(b), out(to), count(a.length()));
    }

    @Override
    protected void computeMaximum(MachineArray a, MachineArray b, MachineArray to) {
        modules.of(a).launch("maximum", LaunchShape.linear(a.length()), in(a), in(b), out(to), count(a.length()));
    }

    @Override
    protected void computeMaximumGradient(
            MachineArray delta, MachineArray a, MachineArray b, MachineArray toA, MachineArray toB) {
        modules.of(delta)
                .launch(
                        "maximum_gradient",
                        LaunchShape.linear(delta.length()),
                        in(delta),
                        in(a),
                        in(b),
                        out(toA),
                        out(toB),
                        count(delta.length()));
    }

    @Override
    protected void computeCopyRows(MatrixView from, MatrixView to) {
        modules.of(from)
                .launch(
                        "copy_rows",
                        Grids.columnsBy(from.columns(), from.rows(), 0),
                        in(from.array()),
                        integer(from.stride()),
                        out(to.array()),
                        integer(to.stride()),
                        integer(from.rows()),
                        integer(from.columns()));
    }

    @Override
    protected void computeTranspose(MachineArray from, MachineArray to, int batch, int rows, int columns) {
        long tiles = (long) batch * Grids.ceilDiv(rows, SIDE) * Grids.ceilDiv(columns, SIDE);
        modules.of(from)
                .launch(
                        "transpose",
                        new LaunchShape(
                                (int) Math.min(tiles, 4096), 1, LaunchShape.BLOCK, SIDE * (SIDE + 1) * Float.BYTES),
                        in(from),
                        out(to),
                        integer(batch),
                        integer(rows),
                        integer(columns));
    }
}
