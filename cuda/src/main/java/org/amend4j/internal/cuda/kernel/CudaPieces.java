/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PieceKernels;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Copies of many small matrices on a device (pieces.cu). */
final class CudaPieces extends PieceKernels {

    private final ModulesByType modules;

    /** Of a source that is whatever its rows are. */
    CudaPieces(Device device, KernelSource source) {
        this(ModulesByType.only(device, source));
    }

    private CudaPieces(ModulesByType modules) {
        this.modules = modules;
    }

    static CudaPieces on(Device device) {
        return new CudaPieces(ModulesByType.of(device, "pieces"));
    }

    @Override
    protected void computeCopy(MachineArray from, Pieces pieces, MachineArray to) {
        modules.of(to)
                .launch(
                        "copy_pieces",
                        LaunchShape.linear(pieces.length()),
                        in(from),
                        in(pieces.table()),
                        integer(pieces.all().size()),
                        integer(pieces.length()),
                        out(to));
    }
}
