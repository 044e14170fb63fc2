/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Activation;

/** Activations and their gradients on the host: whole rows at a time, while they are in the first cache. */
final class HostActivation extends ActivationKernels {

    private final HostMachine machine;

    HostActivation(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeBiasActivation(
            MatrixView product,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        activate(VectorLoops.of(product.array().type()), product, bias, pre, out, activation);
    }

    private <A> void activate(
            VectorLoops<A> lanes,
            MatrixView product,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        HostRows from = HostRows.of(machine, lanes, product);
        HostRows to = HostRows.of(machine, lanes, out);
        Optional<HostRows> kept = pre.map(matrix -> HostRows.of(machine, lanes, matrix));
        long shift = bias.map(array -> machine.address(lanes, array)).orElse(0L);
        int rows = product.rows();
        int columns = product.columns();
        machine.perform(() -> {
            int some = VectorLoops.rowsInHand(columns);
            A z = lanes.scratch(0, some * columns);
            A shifts = lanes.scratch(1, some * columns);
            if (shift != 0) {
                repeat(lanes, shift, shifts, Math.min(some, rows), columns);
            }
            for (int row = 0; row < rows; row += some) {
                int count = Math.min(some, rows - row);
                from.load(lanes, row, count, columns, z);
                if (shift != 0) {
                    lanes.add(z, shifts, count * columns);
                }
                if (kept.isPresent()) {
                    kept.get().store(lanes, z, row, count, columns);
                }
                lanes.activate(activation, z, count * columns);
                to.store(lanes, z, row, count, columns);
            }
        });
    }

    private static <A> void repeat(VectorLoops<A> lanes, long vector, A to, int times, int columns) {
        for (int k = 0; k < times; k++) {
            lanes.load(vector, to, k * columns, columns);
        }
    }

    @Override
    protected void computeAdapterEpilogue(
            MatrixView product,
            LowRank adapter,
            Optional<MachineArray> bias,
            Optional<MatrixView> pre,
            MatrixView out,
            Activation activation) {
        add(adapter, product);
        computeBiasActivation(product, bias, pre, out, activation);
    }

    /** to += scale·low·up. */
    private void add(LowRank adapter, MatrixView to) {
        MatrixView low = adapter.low();
        MatrixView up = adapter.up();
        Gemm sum = Gemm.contiguous(MatrixOrder.ROWS, false, false, to.rows(), to.columns(), low.columns())
                .withLeading(low.stride(), up.stride(), to.stride())
                .withFactors(adapter.scale(), 1);
        machine.multiply(sum, low.array(), up.array(), to.array());
    }

    @Override
    protected void computeAdapterGradient(
            MatrixView upstream,
            LowRank adapter,
            MatrixView pre,
            MatrixView delta,
            Optional<ColumnSums> sums,
            Activation activation) {
        add(adapter, upstream);
        computeGradient(upstream, pre, delta, sums, activation);
    }

    @Override
    protected void computeGradient(
            MatrixView upstream, MatrixView pre, MatrixView delta, Optional<ColumnSums> sums, Activation activation) {
        differentiate(VectorLoops.of(upstream.array().type()), upstream, pre, Optional.of(delta), sums, activation);
    }

    @Override
    protected void computeColumnSums(MatrixView values, ColumnSums wanted) {
        differentiate(
                VectorLoops.of(values.array().type()),
                values,
                values,
                Optional.empty(),
                Optional.of(wanted),
                Activation.IDENTITY);
    }

    private <A> void differentiate(
            VectorLoops<A> lanes,
            MatrixView upstream,
            MatrixView pre,
            Optional<MatrixView> delta,
            Optional<ColumnSums> sums,
            Activation activation) {
        HostRows from = HostRows.of(machine, lanes, upstream);
        HostRows before = HostRows.of(machine, lanes, pre);
        Optional<HostRows> to = delta.map(matrix -> HostRows.of(machine, lanes, matrix));
        long total = sums.map(wanted -> machine.address(lanes, wanted.sums())).orElse(0L);
        double beta = sums.map(ColumnSums::beta).orElse(0.0);
        boolean plain = activation.kind() == Activation.Kind.IDENTITY;
        int rows = upstream.rows();
        int columns = upstream.columns();
        if (columns == 0) {
            return;
        }
        machine.perform(() -> {
            int some = VectorLoops.rowsInHand(columns);
            A d = lanes.scratch(0, some * columns);
            A z = lanes.scratch(1, some * columns);
            Sums<A> added = new Sums<>(lanes, columns, total != 0);
            for (int row = 0; row < rows; row += some) {
                int count = Math.min(some, rows - row);
                from.load(lanes, row, count, columns, d);
                if (!plain) {
                    before.load(lanes, row, count, columns, z);
                    lanes.differentiate(activation, d, z, count * columns);
                }
                if (to.isPresent()) {
                    to.get().store(lanes, d, row, count, columns);
                }
                added.add(d, count);
            }
            added.store(total, beta);
        });
    }

    /** Sums of columns: within {@link #CHUNK} rows one after the other, then of those sums. */
    private static final class Sums<A> {

        private static final int CHUNK = 64;

        private final VectorLoops<A> lanes;
        private final int columns;
        private final boolean wanted;
        private final A row;
        private final A chunk;
        private final A total;
        private int inChunk;

        Sums(VectorLoops<A> lanes, int columns, boolean wanted) {
            this.lanes = lanes;
            this.columns = columns;
            this.wanted = wanted;
            this.row = lanes.scratch(2, columns);
            this.chunk = lanes.scratch(3, columns);
            this.total = lanes.scratch(4, columns);
            lanes.fill(chunk, 0, columns, 0);
            lanes.fill(total, 0, columns, 0);
        }

        void add(A rows, int count) {
            for (int k = 0; wanted && k < count; k++) {
                lanes.copy(rows, k * columns, row, 0, columns);
                lanes.add(chunk, row, columns);
                if (++inChunk == CHUNK) {
                    endChunk();
                }
            }
        }

        private void endChunk() {
            lanes.add(total, chunk, columns);
            lanes.fill(chunk, 0, columns, 0);
            inChunk = 0;
        }

        /** sums = beta · sums + total. */
        void store(long sums, double beta) {
            if (!wanted) {
                return;
            }
            endChunk();
            if (beta != 0) {
                lanes.load(sums, row, columns);
                lanes.addScaled(total, beta, row, columns);
            }
            lanes.store(total, sums, columns);
        }
    }
}
