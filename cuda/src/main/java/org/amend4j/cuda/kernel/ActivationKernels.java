/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.internal.validation.Checks;
import org.amend4j.network.Activation;

/** Activations of z = xW + s·(xA)B + b, and their gradients (activation.cu). */
public final class ActivationKernels {

    /** Rows in a tile of the adapter's epilogue. */
    private static final int TILE = 8;
    /** The highest rank: a tile of it fits in 48 KiB of shared memory. */
    public static final int MOST_RANK = (48 << 10) / (TILE * Float.BYTES);

    private static final int LEAST_CHUNK = 64;
    private static final int MOST_CHUNKS = 1024;

    private final KernelModule module;

    ActivationKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static ActivationKernels on(Device device) {
        return new ActivationKernels(device, KernelSource.resource("activation"));
    }

    /**
     * The low-rank part of an adapted layer.
     *
     * @param low xA, [rows, rank], rank in [0, {@link #MOST_RANK}]
     * @param up B, [rank, columns]
     */
    public record LowRank(DeviceMatrix low, DeviceMatrix up, double scale) {}

    /**
     * pre = product + bias, out = act(pre), all [rows, columns].
     *
     * @param bias [columns]
     * @param pre where to keep the pre-activation; may be {@code product} itself
     * @param out may be {@code product} itself
     */
    public void biasActivation(
            DeviceMatrix product,
            Optional<DeviceArray> bias,
            Optional<DeviceMatrix> pre,
            DeviceMatrix out,
            Activation activation) {
        checkShapes(product, bias, pre, out);
        if (product.isEmpty()) {
            return;
        }
        module.launch(
                "bias_activation",
                Shapes.columnsBy(product.columns(), product.rows(), 0),
                in(product.array()),
                integer(product.stride()),
                bias.map(Argument::in).orElse(absent()),
                pre.map(DeviceMatrix::array).map(Argument::out).orElse(absent()),
                integer(pre.map(DeviceMatrix::stride).orElse(0)),
                out(out.array()),
                integer(out.stride()),
                integer(product.rows()),
                integer(product.columns()),
                ActivationCodes.argument(activation),
                real((float) activation.slope()));
    }

    /** pre = product + scale·low·up + bias, out = act(pre); otherwise as {@link #biasActivation}. */
    public void adapterEpilogue(
            DeviceMatrix product,
            LowRank adapter,
            Optional<DeviceArray> bias,
            Optional<DeviceMatrix> pre,
            DeviceMatrix out,
            Activation activation) {
        checkShapes(product, bias, pre, out);
        int rank = adapter.low().columns();
        adapter.low().requireShape("low", product.rows(), rank);
        adapter.up().requireShape("up", rank, product.columns());
        if (rank > MOST_RANK) {
            throw new IllegalArgumentException("rank must be <= " + MOST_RANK + ", got " + rank);
        }
        if (product.isEmpty()) {
            return;
        }
        module.launch(
                "adapter_epilogue",
                Shapes.columnsBy(product.columns(), Shapes.ceilDiv(product.rows(), TILE), TILE * rank * Float.BYTES),
                in(product.array()),
                integer(product.stride()),
                in(adapter.low().array()),
                integer(adapter.low().stride()),
                in(adapter.up().array()),
                integer(adapter.up().stride()),
                real((float) adapter.scale()),
                bias.map(Argument::in).orElse(absent()),
                pre.map(DeviceMatrix::array).map(Argument::out).orElse(absent()),
                integer(pre.map(DeviceMatrix::stride).orElse(0)),
                out(out.array()),
                integer(out.stride()),
                integer(product.rows()),
                integer(product.columns()),
                integer(rank),
                ActivationCodes.argument(activation),
                real((float) activation.slope()));
    }

    /**
     * Where column sums go: sums = beta · sums + Σ_rows, so that gradients over chunks of a data set add up.
     *
     * @param sums [columns]; without beta its old contents are not read
     * @param scratch at least {@link #sumsScratch} floats, contents lost
     */
    public record ColumnSums(DeviceArray sums, DeviceArray scratch, double beta) {
        public ColumnSums {
            Checks.finite("beta", beta);
        }
    }

    /** How many floats the column sums of a matrix need besides; never fewer for more rows. */
    public static long sumsScratch(int rows, int columns) {
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(0, "columns", columns);
        return (long) Math.min(Shapes.ceilDiv(rows, LEAST_CHUNK), MOST_CHUNKS) * columns;
    }

    /**
     * delta = upstream ∘ act'(pre), all [rows, columns], and on request the sums of delta's columns: the bias's gradient.
     *
     * @param delta may be {@code upstream} itself
     */
    public void gradient(
            DeviceMatrix upstream,
            DeviceMatrix pre,
            DeviceMatrix delta,
            Optional<ColumnSums> sums,
            Activation activation) {
        pre.requireShape("pre", upstream.rows(), upstream.columns());
        delta.requireShape("delta", upstream.rows(), upstream.columns());
        sums.ifPresent(wanted -> check(wanted, upstream));
        Argument preActivation = activation.kind() == Activation.Kind.IDENTITY ? absent() : in(pre.array());
        differentiate(upstream, preActivation, pre.stride(), out(delta.array()), delta.stride(), sums, activation);
        sums.ifPresent(wanted -> addChunks(upstream, wanted));
    }

    /**
     * sums = beta · sums + Σ_rows values.
     *
     * @param sums [columns]; without beta its old contents are not read
     * @param scratch at least {@link #sumsScratch} floats, contents lost
     */
    public void columnSums(DeviceMatrix values, DeviceArray sums, DeviceArray scratch, double beta) {
        ColumnSums wanted = new ColumnSums(sums, scratch, beta);
        check(wanted, values);
        Activation identity = Activation.of(Activation.Kind.IDENTITY);
        differentiate(values, absent(), 0, absent(), 0, Optional.of(wanted), identity);
        addChunks(values, wanted);
    }

    /** delta, and the sums of its chunks of rows into the scratch. */
    private void differentiate(
            DeviceMatrix upstream,
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
        module.launch(
                "activation_gradient",
                Shapes.columnsBy(upstream.columns(), Shapes.ceilDiv(upstream.rows(), chunk), 0),
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

    private void addChunks(DeviceMatrix values, ColumnSums wanted) {
        if (values.columns() == 0) {
            return;
        }
        module.launch(
                "column_sums",
                Shapes.columnsBy(values.columns(), 1, 0),
                in(wanted.scratch()),
                out(wanted.sums()),
                real((float) wanted.beta()),
                integer(Shapes.ceilDiv(values.rows(), chunk(values.rows()))),
                integer(values.columns()));
    }

    /** Rows that are added up one after the other. */
    private static int chunk(int rows) {
        return Math.max(LEAST_CHUNK, Shapes.ceilDiv(rows, MOST_CHUNKS));
    }

    private static void check(ColumnSums wanted, DeviceMatrix values) {
        Shapes.requireFloats("sums", wanted.sums(), values.columns());
        Shapes.requireAtLeast("scratch", wanted.scratch(), sumsScratch(values.rows(), values.columns()));
    }

    private static void checkShapes(
            DeviceMatrix product, Optional<DeviceArray> bias, Optional<DeviceMatrix> pre, DeviceMatrix out) {
        bias.ifPresent(array -> Shapes.requireFloats("bias", array, product.columns()));
        pre.ifPresent(matrix -> matrix.requireShape("pre", product.rows(), product.columns()));
        out.requireShape("out", product.rows(), product.columns());
    }
}
