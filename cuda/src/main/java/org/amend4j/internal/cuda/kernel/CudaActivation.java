/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.network.Activation;

/** Activation on a device (activation.cu). */
final class CudaActivation extends ActivationKernels {

    /** Rows in a tile of the adapter's epilogue. */
    private static final int TILE = 8;
    /** The highest rank: a tile of it fits in 48 KiB of shared memory. */
    public static final int MOST_RANK = (48 << 10) / (TILE * Float.BYTES);

    /** So many columns at most have a block each. */
    private static final int NARROW = 64;
    /** So many rows at most a block goes through alone: sixteen a thread. */
    private static final int ROWS_OF_NARROW = 1 << 14;

    private static final int NARROW_BLOCK = 1024;

    private final ModulesByType modules;

    /** Of a source that is whatever its rows are. */
    CudaActivation(Device device, KernelSource source) {
        this(ModulesByType.only(device, source));
    }

    private CudaActivation(ModulesByType modules) {
        this.modules = modules;
    }

    public static CudaActivation on(Device device) {
        return new CudaActivation(ModulesByType.of(device, "activation"));
    }

    @Override
    protected void computeBiasActivation(
            MatrixView product,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        modules.of(product)
                .launch(
                        "bias_activation",
                        Grids.quadsBy(product.columns(), product.rows()),
                        in(product.array()),
                        integer(product.stride()),
                        bias.map(Argument::in).orElse(absent()),
                        pre.map(MatrixView::array).map(Argument::out).orElse(absent()),
                        integer(pre.map(MatrixView::stride).orElse(0)),
                        out(out.array()),
                        integer(out.stride()),
                        integer(product.rows()),
                        integer(product.columns()),
                        ActivationCodes.argument(activation),
                        real((float) activation.slope()));
    }

    @Override
    protected void computeAdapterEpilogue(
            MatrixView product,
            LowRank adapter,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        int rank = checkedRank(adapter);
        modules.of(product)
                .launch(
                        "adapter_epilogue",
                        Grids.columnsBy(
                                product.columns(), Grids.ceilDiv(product.rows(), TILE), TILE * rank * Float.BYTES),
                        in(product.array()),
                        integer(product.stride()),
                        in(adapter.low().array()),
                        integer(adapter.low().stride()),
                        in(adapter.up().array()),
                        integer(adapter.up().stride()),
                        real((float) adapter.scale()),
                        bias.map(Argument::in).orElse(absent()),
                        pre.map(MatrixView::array).map(Argument::out).orElse(absent()),
                        integer(pre.map(MatrixView::stride).orElse(0)),
                        out(out.array()),
                        integer(out.stride()),
                        integer(product.rows()),
                        integer(product.columns()),
                        integer(rank),
                        ActivationCodes.argument(activation),
                        real((float) activation.slope()));
    }

    private static int checkedRank(LowRank adapter) {
        int rank = adapter.low().columns();
        if (rank > MOST_RANK) {
            throw new IllegalArgumentException("rank must be <= " + MOST_RANK + ", got " + rank);
        }
        return rank;
    }

    @Override
    protected void computeAdapterGradient(
            MatrixView upstream,
            LowRank adapter,
            MatrixView pre,
            MatrixView delta,
            Optional<ColumnSums> sums,
            Activation activation) {
        int rank = checkedRank(adapter);
        if (!upstream.isEmpty()) {
            int chunk = chunk(upstream.rows());
            modules.of(upstream)
                    .launch(
                            "adapter_gradient",
                            Grids.columnsBy(
                                    upstream.columns(),
                                    Grids.ceilDiv(upstream.rows(), chunk),
                                    TILE * rank * Float.BYTES),
                            in(upstream.array()),
                            integer(upstream.stride()),
                            in(adapter.low().array()),
                            integer(adapter.low().stride()),
                            in(adapter.up().array()),
                            integer(adapter.up().stride()),
                            real((float) adapter.scale()),
                            activation.kind() == Activation.Kind.IDENTITY ? absent() : in(pre.array()),
                            integer(pre.stride()),
                            out(delta.array()),
                            integer(delta.stride()),
                            sums.map(ColumnSums::scratch).map(Argument::out).orElse(absent()),
                            integer(upstream.rows()),
                            integer(upstream.columns()),
                            integer(rank),
                            integer(chunk),
                            ActivationCodes.argument(activation),
                            real((float) activation.slope()));
        }
        sums.ifPresent(wanted -> addChunks(upstream, wanted));
    }

    @Override
    protected void computeGradient(
            MatrixView upstream, MatrixView pre, MatrixView delta, Optional<ColumnSums> sums, Activation activation) {
        Argument preActivation = activation.kind() == Activation.Kind.IDENTITY ? absent() : in(pre.array());
        differentiate(upstream, preActivation, pre.stride(), out(delta.array()), delta.stride(), sums, activation);
        sums.ifPresent(wanted -> addChunks(upstream, wanted));
    }

    @Override
    protected void computeColumnSums(MatrixView values, ColumnSums wanted) {
        if (!values.isEmpty() && values.columns() <= NARROW && values.rows() <= ROWS_OF_NARROW) {
            addRows(values, wanted);
            return;
        }
        Activation identity = Activation.of(Activation.Kind.IDENTITY);
        differentiate(values, absent(), 0, absent(), 0, Optional.of(wanted), identity);
        addChunks(values, wanted);
    }

    private void addRows(MatrixView values, ColumnSums wanted) {
        modules.of(values)
                .launch(
                        "narrow_sums",
                        new LaunchShape(values.columns(), 1, NARROW_BLOCK, NARROW_BLOCK / 32 * Float.BYTES),
                        in(values.array()),
                        integer(values.stride()),
                        out(wanted.sums()),
                        real((float) wanted.beta()),
                        integer(values.rows()),
                        integer(values.columns()));
    }

    /** delta, and the sums of its chunks of rows into the scratch. */
    private void differentiate(
            MatrixView upstream,
            Argument pre,
            int strideOfPre,
            Argument delta,
            int strideOfDelta,
            Optional<ColumnSums> sums,
            Activation activation) {
        if (upstream.isEmpty()) {
            return;
        }
        int chunk = chunk(upstream.rows());
        modules.of(upstream)
                .launch(
                        "activation_gradient",
                        Grids.columnsBy(
                                upstream.columns(),
                                Grids.ceilDiv(upstream.rows(), chunk),
                                Grids.QUAD * Grids.block(upstream.columns()) * Float.BYTES),
                        in(upstream.array()),
                        integer(upstream.stride()),
                        pre,
                        integer(strideOfPre),
                        delta,
                        integer(strideOfDelta),
                        sums.map(ColumnSums::scratch).map(Argument::out).orElse(absent()),
                        integer(upstream.rows()),
                        integer(upstream.columns()),
                        integer(chunk),
                        ActivationCodes.argument(activation),
                        real((float) activation.slope()));
    }

    private void addChunks(MatrixView values, ColumnSums wanted) {
        if (values.columns() == 0) {
            return;
        }
        modules.of(wanted.scratch())
                .launch(
                        "column_sums",
                        Grids.columnsBy(values.columns(), 1, 0),
                        in(wanted.scratch()),
                        out(wanted.sums()),
                        real((float) wanted.beta()),
                        integer(Grids.ceilDiv(values.rows(), chunk(values.rows()))),
                        integer(values.columns()));
    }
}
