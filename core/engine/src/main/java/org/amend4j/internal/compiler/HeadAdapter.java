/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.LowRank;

/**
 * The adapter of a head, for some of the rows with labels at a time: with P = x̃A and Q = dz·Bᵀ it adds s·P·B to logits and drop(s·Q·Aᵀ) to
 * the derivative at x, dB = s·Pᵀdz and dA = s·x̃ᵀQ.
 *
 * @param read x̃ of all rows with labels
 * @param low P of some
 * @param outer Q of some
 * @param through the derivative at x̃ of all, if it is not that at x
 */
record HeadAdapter(LowRank adapter, Value read, Value low, Value outer, Optional<Value> through) {

    /**
     * Places for it.
     *
     * @param read x̃
     * @param most rows at a time
     * @param back whether the derivative at x is needed
     */
    static HeadAdapter of(PlanSteps steps, String vertex, LowRank adapter, Value read, int most, boolean back) {
        return new HeadAdapter(
                adapter,
                read,
                steps.fixed(vertex + " xA", most, adapter.rank()),
                steps.fixed(vertex + " dB'", most, adapter.rank()),
                back && adapter.drops()
                        ? Optional.of(steps.per(RowUnit.TOKEN, vertex + " adapter's gradient", 1, read.columns()))
                        : Optional.empty());
    }

    /** What its products write. */
    Stream<Value> written() {
        return Stream.concat(Stream.of(low, outer), through.stream());
    }

    /**
     * Some of the rows with labels.
     *
     * @param logits theirs, and then the derivatives there
     */
    record Some(int from, int count, MachineArray logits) {

        /** The part of a value for all of them. */
        MachineArray of(Bindings b, Value all) {
            return b.array(all).slice((long) from * all.columns(), (long) count * all.columns());
        }
    }

    /** Logits += s·P·B. */
    void add(Bindings b, Some rows) {
        int count = rows.count();
        b.multiply(
                rows.of(b, read),
                false,
                b.parameter(adapter.a()),
                true,
                b.array(low),
                count,
                adapter.rank(),
                inputs(),
                1,
                0);
        b.multiply(
                b.array(low),
                false,
                b.parameter(adapter.b()),
                true,
                rows.logits(),
                count,
                outputs(),
                adapter.rank(),
                adapter.scale(),
                1);
    }

    /**
     * Gradients, after {@link #add} for the same rows.
     *
     * @param adds whether they are added to those of the rows before
     * @param back the derivative at x, which they are added to if nothing is dropped
     */
    void differentiate(Bindings b, Some rows, boolean adds, Optional<MachineArray> back) {
        double before = adds ? 1 : 0;
        int count = rows.count();
        int rank = adapter.rank();
        double s = adapter.scale();
        MachineArray q = b.array(outer);
        b.multiply(rows.logits(), false, b.parameter(adapter.b()), false, q, count, rank, outputs(), 1, 0);
        b.multiply(
                rows.logits(), true, b.array(low), false, b.gradient(adapter.b()), outputs(), rank, count, s, before);
        b.multiply(q, true, rows.of(b, read), false, b.gradient(adapter.a()), rank, inputs(), count, s, before);
        MachineArray a = b.parameter(adapter.a());
        through.ifPresent(to -> b.multiply(q, false, a, false, rows.of(b, to), count, inputs(), rank, s, 0));
        if (through.isEmpty()) {
            back.ifPresent(to -> b.multiply(q, false, a, false, to, count, inputs(), rank, s, 1));
        }
    }

    /** The gradients where no row has a label. */
    void zero(Bindings b) {
        b.machine().fill(b.gradient(adapter.a()), 0);
        b.machine().fill(b.gradient(adapter.b()), 0);
    }

    private int inputs() {
        return read.columns();
    }

    private int outputs() {
        return Math.toIntExact(adapter.outputs());
    }
}
