/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Values;
import org.amend4j.internal.network.Activation;

/** Slices of three arrays, one for each share, and work that writes those of its share only. */
final class Shares implements AutoCloseable {

    private static final int SIDE = 24;
    private static final int SHARE = SIDE * SIDE;

    private final HostMachine machine;
    private final Values values;
    private final MachineArray from;
    private final MachineArray products;
    private final MachineArray results;

    /** @param shares that there is work for */
    Shares(int threads, int shares, ElementType type) {
        machine = HostMachine.open(threads);
        values = new Values(machine, type, 11);
        from = values.in(values.normal(shares * SHARE));
        products = values.in(values.normal(shares * SHARE));
        results = values.in(values.normal(shares * SHARE));
    }

    HostMachine machine() {
        return machine;
    }

    /** A product, a copy, a fill, and kernels, some of which use scratch memory of their thread. */
    void work(int share) {
        MachineArray x = slice(from, share);
        MachineArray y = slice(products, share);
        MachineArray z = slice(results, share);
        Kernels kernels = machine.kernels();
        machine.multiply(Gemm.rows(SIDE, SIDE, SIDE).withFactors(0.2, 0.5), x, x, y);
        kernels.elementwise().product(x, y, z);
        machine.copy(x.slice(0, SIDE), z.slice(SIDE, SIDE));
        machine.fill(z.slice(7, 3), share + 0.1);
        MatrixView rows = MatrixView.of(z, SIDE, SIDE);
        kernels.activation()
                .biasActivation(rows, Optional.empty(), Optional.empty(), rows, Activation.of(Activation.Kind.TANH));
        kernels.loss().softmax(rows, rows);
        kernels.elementwise().scaledSum(x, 0.9, z, 0.1, x);
    }

    private static MachineArray slice(MachineArray array, int share) {
        return array.slice((long) share * SHARE, SHARE);
    }

    double[][] contents() {
        return new double[][] {values.get(from), values.get(products), values.get(results)};
    }

    @Override
    public void close() {
        values.close();
        machine.close();
    }
}
