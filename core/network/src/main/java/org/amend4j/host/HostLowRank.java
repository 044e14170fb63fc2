/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.amend4j.machine.Gemm;
import org.amend4j.machine.LowRankKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixOrder;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.Shapes;

/** As two products: a processor's cache has what both read. */
final class HostLowRank extends LowRankKernels {

    private final HostMachine machine;

    HostLowRank(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeGradients(Factors of, Products to, MachineArray scratch) {
        MatrixView d = of.d();
        Shapes.requireReals("d", d.array(), d.array().length());
        int rank = of.rank();
        machine.multiply(
                Gemm.contiguous(MatrixOrder.ROWS, false, true, d.rows(), rank, d.columns())
                        .withAlpha(to.outerScale())
                        .withLeading(d.stride(), of.up().stride(), to.outer().stride()),
                d.array(),
                of.up().array(),
                to.outer().array());
        machine.multiply(
                Gemm.contiguous(MatrixOrder.ROWS, true, false, d.columns(), rank, d.rows())
                        .withFactors(to.upScale(), to.beta())
                        .withLeading(d.stride(), of.low().stride(), rank),
                d.array(),
                of.low().array(),
                to.upGradient());
    }
}
