/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.ColumnNormKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;

/** Norms of adapted columns on a device (column_norms.cu). */
final class CudaColumnNorms extends ColumnNormKernels {

    private final KernelModule module;

    CudaColumnNorms(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaColumnNorms on(Device device) {
        return new CudaColumnNorms(device, KernelSource.resource("column_norms"));
    }

    @Override
    protected void computeScales(Parts parts, MachineArray magnitude, MachineArray scales, MachineArray reciprocals) {
        module.launch(
                "column_scales",
                Grids.columnsBy(parts.columns(), 1, 0),
                in(parts.weight()),
                in(parts.a()),
                in(parts.b()),
                in(parts.low()),
                in(parts.gram()),
                in(parts.squares()),
                in(magnitude),
                real((float) parts.scale()),
                real((float) LEFT),
                out(scales),
                out(reciprocals),
                integer(parts.rank()),
                integer(parts.rows()),
                integer(parts.columns()));
    }
}
