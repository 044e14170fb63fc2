/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.StorageKernels;
import org.amend4j.internal.backend.StoredNumbers;
import org.amend4j.internal.backend.StoredPart;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Frozen numbers in few bits on a device (storage.cu). */
final class CudaStorage extends StorageKernels {

    /** Numbers that a thread takes at once where they are aligned. */
    private static final int EIGHT = 8;

    private static final int LEVELS = 16;

    private final KernelModule module;

    CudaStorage(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaStorage on(Device device) {
        return new CudaStorage(device, KernelSource.resource("storage"));
    }

    @Override
    protected void computeEncode(MachineArray values, StoredNumbers to, MachineArray refused) {
        List<Argument> scales = to.scales().map(Argument::out).map(List::of).orElse(List.of());
        module.launch(
                "encode_" + nameOf(to.storage()),
                LaunchShape.linear(values.length()),
                ArgumentList.of(
                        List.of(in(values), out(to.words())), scales, List.of(out(refused), count(values.length()))));
    }

    @Override
    protected void computeDecode(StoredPart part, MachineArray to) {
        WeightStorage storage = part.numbers().storage();
        if (storage == WeightStorage.BF16 && to.type() == ElementType.BFLOAT16) {
            throw new IllegalArgumentException("numbers that are kept in BF16 are multiplied as they are");
        }
        List<Argument> scales =
                part.numbers().scales().map(Argument::in).map(List::of).orElse(List.of());
        module.launch(
                "decode_" + nameOf(storage) + (to.type() == ElementType.BFLOAT16 ? "_rounded" : ""),
                shapeOf(part),
                ArgumentList.of(
                        List.of(in(part.numbers().words())),
                        scales,
                        List.of(
                                out(to),
                                integer(part.width()),
                                integer(part.firstRow()),
                                integer(part.rows()),
                                integer(part.firstColumn()),
                                integer(part.columns()))));
    }

    private static LaunchShape shapeOf(StoredPart part) {
        LaunchShape linear = LaunchShape.linear(Grids.ceilDiv(part.length(), EIGHT));
        return new LaunchShape(linear.gridX(), 1, linear.block(), LEVELS * Float.BYTES);
    }

    private static String nameOf(WeightStorage storage) {
        return switch (storage) {
            case FP32 -> throw new IllegalArgumentException("numbers in FP32 have no code");
            case BF16 -> "bf16";
            case INT8 -> "int8";
            case NF4 -> "nf4";
        };
    }

    @Override
    protected void computeRound(MachineArray from, MachineArray to) {
        module.launch(
                "round_bf16",
                LaunchShape.linear((from.length() + Grids.QUAD - 1) / Grids.QUAD),
                in(from),
                out(to),
                count(from.length()));
    }

    @Override
    protected void computeRoundRows(MatrixView from, MatrixView to) {
        module.launch(
                "round_rows",
                Grids.columnsBy(Grids.ceilDiv(from.columns(), Grids.QUAD), from.rows(), 0),
                in(from.array()),
                integer(from.stride()),
                out(to.array()),
                integer(to.stride()),
                integer(from.rows()),
                integer(from.columns()));
    }
}
