/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.List;
import java.util.function.Consumer;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RowAttentionKernels;

/** Attention of rows on the host: some heads of an example at a time, divided among its threads. */
final class HostRowAttention extends RowAttentionKernels {

    private final HostMachine machine;

    HostRowAttention(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeForward(Projections of, MachineArray starts, Rule rule, Attended to) {
        forward(VectorLoops.of(to.logSums().type()), of, starts, rule, to);
    }

    private <A> void forward(VectorLoops<A> lanes, Projections of, MachineArray starts, Rule rule, Attended to) {
        AttentionMemory memory = memory(lanes, of, to);
        List<Padding> padding =
                List.of(new Padding(memory.out(), rule.queryWidth()), new Padding(memory.logSums(), rule.heads()));
        perform(lanes, of.queries().rows(), starts, rule, padding, unit -> {
            try (StreamedAttention<A> attention = new StreamedAttention<>(lanes, unit, memory, machine.scratch())) {
                attention.forward();
            }
        });
    }

    @Override
    protected void computeGradient(
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to) {
        gradient(VectorLoops.of(scratch.type()), of, starts, rule, attended, dOut, scratch, to);
    }

    private <A> void gradient(
            VectorLoops<A> lanes,
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to) {
        AttentionMemory memory = memory(lanes, of, attended);
        AttentionMemory.Gradients gradients = new AttentionMemory.Gradients(
                HostRows.of(machine, lanes, dOut),
                machine.address(lanes, scratch),
                HostRows.of(machine, lanes, to.queries()),
                HostRows.of(machine, lanes, to.keys()),
                HostRows.of(machine, lanes, to.values()));
        List<Padding> padding = List.of(
                new Padding(gradients.queries(), rule.queryWidth()),
                new Padding(gradients.keys(), rule.keyValueWidth()),
                new Padding(gradients.values(), rule.keyValueWidth()));
        perform(lanes, of.queries().rows(), starts, rule, padding, unit -> {
            try (StreamedAttention<A> attention = new StreamedAttention<>(lanes, unit, memory, machine.scratch())) {
                attention.backward(gradients);
            }
        });
    }

    private <A> AttentionMemory memory(VectorLoops<A> lanes, Projections of, Attended attended) {
        return new AttentionMemory(
                attended.logSums().type(),
                HostRows.of(machine, lanes, of.queries()),
                HostRows.of(machine, lanes, of.keys()),
                HostRows.of(machine, lanes, of.values()),
                HostRows.of(machine, lanes, attended.out()),
                new HostRows(
                        machine.address(lanes, attended.logSums()),
                        attended.logSums().length() / of.queries().rows()));
    }

    /** A result whose rows behind all examples become zeros. */
    private record Padding(HostRows rows, int columns) {}

    private <A> void perform(
            VectorLoops<A> lanes,
            int rows,
            MachineArray starts,
            Rule rule,
            List<Padding> padding,
            Consumer<AttentionUnit> work) {
        long startsAt = machine.address(starts);
        long count = starts.length();
        machine.perform(() -> {
            int[] edges = RawMemory.ints(startsAt, count);
            requireAscending(edges, rows);
            List<AttentionUnit> units = AttentionUnit.of(edges, rule);
            BlasThreads.one(() -> machine.crew().share(units.size(), index -> work.accept(units.get(index))));
            padding.forEach(of -> zero(lanes, of, edges[edges.length - 1], rows));
        });
    }

    private static void requireAscending(int[] starts, int rows) {
        int before = 0;
        for (int start : starts) {
            if (start < before || start > rows || starts[0] != 0) {
                throw new IllegalArgumentException("starts of examples must ascend from 0 to at most " + rows
                        + " rows, got " + start + " after " + before);
            }
            before = start;
        }
    }

    private static <A> void zero(VectorLoops<A> lanes, Padding padding, int from, int to) {
        A zeros = lanes.scratch(0, padding.columns());
        lanes.fill(zeros, 0, padding.columns(), 0);
        for (int row = from; row < to; row++) {
            padding.rows().store(lanes, zeros, row, 1, padding.columns());
        }
    }
}
