/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;

/** The factors of an adapter of linears in a machine's memory. */
final class MachineAdapter implements AutoCloseable {

    /**
     * Factors of a linear.
     *
     * @param down A turned, [rank, inputs]
     * @param up B turned and scaled, [outputs, rank]
     */
    private record Factors(MachineArray down, MachineArray up, int inputs, int rank, int outputs) {}

    private final Machine machine;
    private final Owned memory = new Owned();
    private final Map<String, Factors> linears = new TreeMap<>();

    /** @throws IllegalArgumentException if it has more than factors of linears */
    MachineAdapter(Machine machine, OpenedAdapter adapter, DecoderAdapter of) {
        this.machine = machine;
        boolean scaled = adapter.linears().values().stream()
                .anyMatch(linear -> linear.scales().isPresent());
        if (scaled || !adapter.lookups().isEmpty() || of.hasBiases()) {
            throw new IllegalArgumentException("texts on " + machine.name()
                    + " have adapters with factors of linears only, got DoRA, biases, embeddings or trained tokens: merge the"
                    + " adapter, or generate on the CPU");
        }
        adapter.linears()
                .forEach((module, linear) ->
                        linear.factors().ifPresent(added -> linears.put(module, factors(module, added))));
    }

    private Factors factors(String module, LowRank added) {
        int rank = added.down().outputs();
        int inputs = added.down().inputs();
        int outputs = added.up().outputs();
        return new Factors(
                memory.add(MachineTables.upload(machine, module, added.down()::row, rank, inputs)),
                memory.add(MachineTables.upload(machine, module, added.up()::row, outputs, rank)),
                inputs,
                rank,
                outputs);
    }

    /** y += s·(x·A)·B for gapless rows, where it has factors of a linear. */
    void add(Linear of, MatrixView x, MatrixView y) {
        Optional.ofNullable(linears.get(of.module())).ifPresent(some -> {
            try (MachineArray between =
                    machine.allocateBriefly("x·A", some.down().type(), (long) x.rows() * some.rank())) {
                machine.multiply(product(x.rows(), some.rank(), some.inputs()), x.array(), some.down(), between);
                Gemm adding = product(x.rows(), some.outputs(), some.rank()).withFactors(1, 1);
                machine.multiply(adding, between, some.up(), y.array());
            }
        });
    }

    private static Gemm product(int rows, int outputs, int inputs) {
        return Gemm.contiguous(MatrixOrder.ROWS, false, true, rows, outputs, inputs);
    }

    @Override
    public void close() {
        memory.close();
    }
}
