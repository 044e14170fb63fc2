/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Shapes;

/** As products, each by itself: a processor's cache has what two of them read. */
final class HostLowRank extends LowRankKernels {

    private final HostMachine machine;

    HostLowRank(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeProjection(
            MatrixView x, MatrixView factor, double scale, MatrixView to, MachineArray scratch) {
        Shapes.requireReals("x", x.array(), x.array().length());
        machine.multiply(
                Gemm.contiguous(MatrixOrder.ROWS, false, true, x.rows(), factor.rows(), x.columns())
                        .withAlpha(scale)
                        .withLeading(x.stride(), factor.stride(), to.stride()),
                x.array(),
                factor.array(),
                to.array());
    }

    @Override
    protected void computeGradients(
            Factors of,
            double scale,
            MatrixView outer,
            MachineArray sums,
            MachineArray scratch,
            Optional<Sums> earlier) {
        computeProjection(of.d(), of.up(), scale, outer, scratch);
        contract(of.d(), of.low(), sums);
        earlier.ifPresent(this::addUp);
    }

    @Override
    protected void computeGradient(MatrixView x, MatrixView low, MachineArray sums, Optional<Sums> earlier) {
        contract(low, x, sums);
        earlier.ifPresent(this::addUp);
    }

    /** leftᵀ · right of each chunk of rows. */
    private void contract(MatrixView left, MatrixView right, MachineArray sums) {
        Shapes.requireReals("rows", left.array(), left.array().length());
        long numbers = (long) left.columns() * right.columns();
        int chunk = chunk(left.rows());
        for (int k = 0; k < chunks(left.rows()); k++) {
            int rows = Math.min(chunk, left.rows() - k * chunk);
            MatrixView some = left.rows(k * chunk, rows);
            MatrixView others = right.rows(k * chunk, rows);
            machine.multiply(
                    Gemm.contiguous(MatrixOrder.ROWS, true, false, left.columns(), right.columns(), rows)
                            .withLeading(some.stride(), others.stride(), right.columns()),
                    some.array(),
                    others.array(),
                    sums.slice(k * numbers, numbers));
        }
    }

    @Override
    public void addUp(Sums earlier) {
        MachineArray gradient = earlier.gradient();
        machine.fill(gradient, 0);
        for (int k = 0; k < earlier.chunks(); k++) {
            MachineArray chunk = earlier.sums().slice(k * gradient.length(), gradient.length());
            machine.kernels().elementwise().scaledSum(gradient, 1, chunk, 1, gradient);
        }
    }
}
