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
import org.amend4j.cuda.device.ElementType;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;

/** Activations of z = xW + s·(xA)B + b, and their gradients (activation.cu). */
public final class ActivationKernels {

    /** Rows in a tile of the adapter's epilogue. */
    private static final int TILE = 8;
    /** The highest rank: a tile of it fits in 48 KiB of shared memory. */
    public static final int MOST_RANK = (48 << 10) / (TILE * Float.BYTES);

    private static final int LEAST_CHUNK = 64;
    private static final int MOST_CHUNKS = 1024;

    private final Device device;
    private final KernelModule module;

    ActivationKernels(Device device, KernelSource source) {
        this.device = device;
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
                integer(activation.kind().code()),
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
                integer(activation.kind().code()),
                real((float) activation.slope()));
    }

    /**
     * delta = upstream ∘ act'(pre), all [rows, columns], and on request the sums of delta's columns.
     *
     * @param delta may be {@code upstream} itself
     * @param sums [columns], the bias's gradient
     */
    public void gradient(
            DeviceMatrix upstream,
            DeviceMatrix pre,
            DeviceMatrix delta,
            Optional<DeviceArray> sums,
            Activation activation) {
        int rows = upstream.rows();
        int columns = upstream.columns();
        pre.requireShape("pre", rows, columns);
        delta.requireShape("delta", rows, columns);
        sums.ifPresent(array -> Shapes.requireFloats("sums", array, columns));
        if (upstream.isEmpty()) {
            sums.ifPresent(array -> device.fill(array, 0));
            return;
        }
        int chunk = Math.max(LEAST_CHUNK, Shapes.ceilDiv(rows, MOST_CHUNKS));
        int chunks = Shapes.ceilDiv(rows, chunk);
        try (DeviceArray partial =
                device.allocate("sums of chunks", ElementType.FLOAT, sums.isPresent() ? (long) chunks * columns : 0)) {
            module.launch(
                    "activation_gradient",
                    Shapes.columnsBy(columns, chunks, 0),
                    in(upstream.array()),
                    integer(upstream.stride()),
                    activation.kind() == Activation.Kind.IDENTITY ? absent() : in(pre.array()),
                    integer(pre.stride()),
                    out(delta.array()),
                    integer(delta.stride()),
                    sums.isPresent() ? out(partial) : absent(),
                    integer(rows),
                    integer(columns),
                    integer(chunk),
                    integer(activation.kind().code()),
                    real((float) activation.slope()));
            sums.ifPresent(array -> module.launch(
                    "column_sums",
                    Shapes.columnsBy(columns, 1, 0),
                    in(partial),
                    out(array),
                    integer(chunks),
                    integer(columns)));
        }
    }

    private static void checkShapes(
            DeviceMatrix product, Optional<DeviceArray> bias, Optional<DeviceMatrix> pre, DeviceMatrix out) {
        bias.ifPresent(array -> Shapes.requireFloats("bias", array, product.columns()));
        pre.ifPresent(matrix -> matrix.requireShape("pre", product.rows(), product.columns()));
        out.requireShape("out", product.rows(), product.columns());
    }
}
