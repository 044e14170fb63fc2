/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.validation.Checks;

/** Activations of z = xW + s·(xA)B + b, and their gradients. */
public abstract class ActivationKernels {

    private static final int LEAST_CHUNK = 64;
    private static final int MOST_CHUNKS = 1024;

    /**
     * The low-rank part of an adapted layer.
     *
     * @param low xA, [rows, rank]
     * @param up B, [rank, columns]
     */
    public record LowRank(MatrixView low, MatrixView up, double scale) {}

    /**
     * pre = product + bias, out = act(pre), all [rows, columns].
     *
     * @param bias [columns]
     * @param pre where to keep the pre-activation; may be {@code product} itself
     * @param out may be {@code product} itself
     */
    public final void biasActivation(
            MatrixView product,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        checkShapes(product, bias, pre, out);
        if (product.isEmpty()) {
            return;
        }
        computeBiasActivation(product, bias, pre, out, activation);
    }

    protected abstract void computeBiasActivation(
            MatrixView product,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation);

    /** pre = product + scale·low·up + bias, out = act(pre); otherwise as {@link #biasActivation}. */
    public final void adapterEpilogue(
            MatrixView product,
            LowRank adapter,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        checkShapes(product, bias, pre, out);
        int rank = adapter.low().columns();
        adapter.low().requireShape("low", product.rows(), rank);
        adapter.up().requireShape("up", rank, product.columns());
        if (product.isEmpty()) {
            return;
        }
        computeAdapterEpilogue(product, adapter, bias, pre, out, activation);
    }

    protected abstract void computeAdapterEpilogue(
            MatrixView product,
            LowRank adapter,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation);

    /**
     * Where column sums go: sums = beta · sums + Σ_rows, so that gradients over chunks of a data set add up.
     *
     * @param sums [columns]; without beta its old contents are not read
     * @param scratch at least {@link #sumsScratch} numbers, contents lost
     */
    public record ColumnSums(MachineArray sums, MachineArray scratch, double beta) {
        public ColumnSums {
            Checks.finite("beta", beta);
        }
    }

    /** How many numbers the column sums of a matrix need besides; never fewer for more rows. */
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
    public final void gradient(
            MatrixView upstream, MatrixView pre, MatrixView delta, Optional<ColumnSums> sums, Activation activation) {
        pre.requireShape("pre", upstream.rows(), upstream.columns());
        delta.requireShape("delta", upstream.rows(), upstream.columns());
        sums.ifPresent(wanted -> check(wanted, upstream));
        computeGradient(upstream, pre, delta, sums, activation);
    }

    protected abstract void computeGradient(
            MatrixView upstream, MatrixView pre, MatrixView delta, Optional<ColumnSums> sums, Activation activation);

    /**
     * delta = (upstream + scale·low·up) ∘ act'(pre); otherwise as {@link #gradient}. What an adapter sends back is added in the same pass.
     *
     * @param upstream its contents are lost
     */
    public final void adapterGradient(
            MatrixView upstream,
            LowRank adapter,
            MatrixView pre,
            MatrixView delta,
            Optional<ColumnSums> sums,
            Activation activation) {
        int rank = adapter.low().columns();
        adapter.low().requireShape("low", upstream.rows(), rank);
        adapter.up().requireShape("up", rank, upstream.columns());
        pre.requireShape("pre", upstream.rows(), upstream.columns());
        delta.requireShape("delta", upstream.rows(), upstream.columns());
        sums.ifPresent(wanted -> check(wanted, upstream));
        computeAdapterGradient(upstream, adapter, pre, delta, sums, activation);
    }

    protected abstract void computeAdapterGradient(
            MatrixView upstream,
            LowRank adapter,
            MatrixView pre,
            MatrixView delta,
            Optional<ColumnSums> sums,
            Activation activation);

    /**
     * sums = beta · sums + Σ_rows values.
     *
     * @param sums [columns]; without beta its old contents are not read
     * @param scratch at least {@link #sumsScratch} numbers, contents lost
     */
    public final void columnSums(MatrixView values, MachineArray sums, MachineArray scratch, double beta) {
        ColumnSums wanted = new ColumnSums(sums, scratch, beta);
        check(wanted, values);
        computeColumnSums(values, wanted);
    }

    protected abstract void computeColumnSums(MatrixView values, ColumnSums wanted);

    /** Rows that are added up one after the other. */
    protected static int chunk(int rows) {
        return Math.max(LEAST_CHUNK, Shapes.ceilDiv(rows, MOST_CHUNKS));
    }

    private static void check(ColumnSums wanted, MatrixView values) {
        Shapes.requireReals("sums", wanted.sums(), values.columns());
        Shapes.requireAtLeast("scratch", wanted.scratch(), sumsScratch(values.rows(), values.columns()));
    }

    private static void checkShapes(
            MatrixView product, Optional<MachineArray> bias, Optional<MatrixView> pre, MatrixView out) {
        bias.ifPresent(array -> Shapes.requireReals("bias", array, product.columns()));
        pre.ifPresent(matrix -> matrix.requireShape("pre", product.rows(), product.columns()));
        out.requireShape("out", product.rows(), product.columns());
    }
}
