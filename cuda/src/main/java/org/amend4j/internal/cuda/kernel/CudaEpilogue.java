/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import java.util.Optional;
import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.SignMask;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.EpiloguePasses;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Epilogues of products in passes of their own (epilogue.cu). */
final class CudaEpilogue implements EpiloguePasses {

    /** Columns of a warp, which has a row of them at a time. */
    private static final int SEGMENT = 128;

    private static final int WARPS = LaunchShape.BLOCK / 32;
    /** Rows of a warp, for which it reads the bias once. */
    private static final int ROWS_OF_A_WARP = 4;
    /** Rows whose gradients' columns are added up by one block. */
    private static final int CHUNK = 64;

    private static final int MOST_IN_Y = 65535;

    private final Device device;
    private final ModulesByType modules;

    /** Of a source that is whatever C holds. */
    CudaEpilogue(Device device, KernelSource source) {
        this(device, ModulesByType.only(device, source));
    }

    private CudaEpilogue(Device device, ModulesByType modules) {
        this.device = device;
        this.modules = modules;
    }

    static CudaEpilogue on(Device device) {
        return new CudaEpilogue(device, ModulesByType.of(device, "epilogue"));
    }

    @Override
    public void apply(Epilogue epilogue, MachineArray c, int rows, int columns, int stride) {
        Rows matrix = new Rows(c, rows, columns, stride);
        if (epilogue instanceof Epilogue.Bias of) {
            bias(matrix, of.bias(), false, Optional.empty());
        } else if (epilogue instanceof Epilogue.BiasRectifier of) {
            bias(matrix, of.bias(), true, of.positive());
        } else if (epilogue instanceof Epilogue.RectifierGradient of) {
            gradient(matrix, of.positive(), of.sums());
        }
    }

    private record Rows(MachineArray array, int count, int columns, int stride) {}

    private void bias(Rows c, MachineArray bias, boolean rectified, Optional<SignMask> positive) {
        modules.of(c.array())
                .launch(
                        "epilogue_bias",
                        shape(c, Math.min(MOST_IN_Y, Grids.ceilDiv(c.count(), WARPS * ROWS_OF_A_WARP)), 0),
                        out(c.array()),
                        integer(c.stride()),
                        in(bias),
                        positive.map(SignMask::words).map(Argument::out).orElse(absent()),
                        integer(SignMask.wordsOfRow(c.columns())),
                        integer(c.count()),
                        integer(c.columns()),
                        integer(rectified ? 1 : 0));
    }

    private void gradient(Rows c, SignMask positive, Optional<MachineArray> sums) {
        // as many rows more as a grid has blocks too few
        int chunk = Math.max(CHUNK, Grids.ceilDiv(c.count(), MOST_IN_Y));
        int chunks = Grids.ceilDiv(c.count(), chunk);
        Optional<MachineArray> partial = sums.map(wanted -> device.scratch((long) chunks * c.columns()));
        modules.of(c.array())
                .launch(
                        "epilogue_gradient",
                        shape(c, chunks, WARPS * SEGMENT * Float.BYTES),
                        out(c.array()),
                        integer(c.stride()),
                        in(positive.words()),
                        integer(SignMask.wordsOfRow(c.columns())),
                        partial.map(Argument::out).orElse(absent()),
                        integer(c.count()),
                        integer(c.columns()),
                        integer(chunk));
        sums.ifPresent(wanted -> modules.of(c.array())
                .launch(
                        "epilogue_sums",
                        Grids.columnsBy(c.columns(), 1, 0),
                        in(partial.orElseThrow()),
                        out(wanted),
                        integer(chunks),
                        integer(c.columns())));
    }

    private static LaunchShape shape(Rows c, int lines, int sharedBytes) {
        return new LaunchShape(Grids.ceilDiv(c.columns(), SEGMENT), lines, LaunchShape.BLOCK, sharedBytes);
    }
}
