/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/** Attention to what is kept on the host: the heads of a row that share keys at a time, divided among its threads. */
final class HostCachedAttention extends CachedAttentionKernels {

    private final HostMachine machine;

    HostCachedAttention(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeKeep(Kept rows, MachineArray places, Kept pages) {
        keep(VectorLoops.of(rows.keys().array().type()), rows, places, pages);
    }

    private <A> void keep(VectorLoops<A> lanes, Kept rows, MachineArray places, Kept pages) {
        HostRows keys = HostRows.of(machine, lanes, rows.keys());
        HostRows values = HostRows.of(machine, lanes, rows.values());
        HostRows keptKeys = HostRows.of(machine, lanes, pages.keys());
        HostRows keptValues = HostRows.of(machine, lanes, pages.values());
        long placesAt = machine.address(places);
        int count = rows.keys().rows();
        int most = pages.keys().rows();
        long bytes = (long) rows.keys().columns() * lanes.bytes();
        machine.perform(() -> {
            int[] to = RawMemory.ints(placesAt, count);
            for (int row = 0; row < count; row++) {
                if (to[row] >= 0 && to[row] < most) {
                    RawMemory.copy(keys.at(lanes, row, 0), keptKeys.at(lanes, to[row], 0), bytes);
                    RawMemory.copy(values.at(lanes, row, 0), keptValues.at(lanes, to[row], 0), bytes);
                }
            }
        });
    }

    @Override
    protected void computeAttend(
            MatrixView queries, Kept pages, Places places, Rule rule, MachineArray scratch, MatrixView out) {
        attend(VectorLoops.of(out.array().type()), queries, pages, places, rule, out);
    }

    private <A> void attend(
            VectorLoops<A> lanes, MatrixView queries, Kept pages, Places places, Rule rule, MatrixView out) {
        Memory memory = new Memory(
                HostRows.of(machine, lanes, queries),
                HostRows.of(machine, lanes, pages.keys()),
                HostRows.of(machine, lanes, pages.values()),
                HostRows.of(machine, lanes, out),
                pages.keys().rows() / PAGE);
        long textsAt = machine.address(places.texts());
        long positionsAt = machine.address(places.positions());
        long tablesAt = machine.address(places.tables());
        long tables = places.tables().length();
        int rows = queries.rows();
        machine.perform(() -> {
            Where where = new Where(
                    RawMemory.ints(textsAt, rows),
                    RawMemory.ints(positionsAt, rows),
                    RawMemory.ints(tablesAt, tables),
                    places.tableLength(),
                    places.longest());
            machine.crew()
                    .share(
                            rows * rule.keyValueHeads(),
                            unit -> attend(
                                    lanes,
                                    memory,
                                    where,
                                    rule,
                                    unit / rule.keyValueHeads(),
                                    unit % rule.keyValueHeads()));
        });
    }

    /** @param pages how many there are */
    private record Memory(HostRows queries, HostRows keys, HostRows values, HostRows out, int pages) {}

    /** {@link Places}, read. */
    @SuppressWarnings("ArrayRecordComponent") // of one call
    private record Where(int[] texts, int[] positions, int[] tables, int tableLength, int longest) {

        /** The row of a page where a position is; -1 if its page is none of them. */
        int row(int text, int position, int pages) {
            int page = tables[text * tableLength + position / PAGE];
            return page >= 0 && page < pages ? page * PAGE + position % PAGE : -1;
        }
    }

    private static <A> void attend(VectorLoops<A> lanes, Memory memory, Where where, Rule rule, int row, int keyHead) {
        int size = rule.headSize();
        int group = rule.group();
        int position = where.positions()[row];
        int head = keyHead * group;
        A results = lanes.scratch(0, group * size);
        if (position < 0 || position >= where.longest()) {
            lanes.fill(results, 0, group * size, Double.NaN);
            lanes.store(results, memory.out().at(lanes, row, head * size), group * size);
            return;
        }
        int first = Math.max(0, position + 1 - rule.window().orElse(Integer.MAX_VALUE));
        int seen = position + 1 - first;
        A queries = lanes.scratch(1, group * size);
        A line = lanes.scratch(2, size);
        A weights = lanes.scratch(3, group * seen);
        A some = lanes.scratch(4, seen);
        lanes.load(memory.queries().at(lanes, row, head * size), queries, group * size);
        for (int k = 0; k < seen; k++) {
            int at = where.row(where.texts()[row], first + k, memory.pages());
            load(lanes, memory.keys(), at, keyHead * size, line, size);
            for (int u = 0; u < group; u++) {
                double score = at < 0 ? Double.NaN : rule.scale() * lanes.dot(queries, u * size, line, 0, size);
                lanes.set(weights, u * seen + k, score);
            }
        }
        for (int u = 0; u < group; u++) {
            lanes.copy(weights, u * seen, some, 0, seen);
            lanes.exp(some, lanes.greatest(some, 0, seen), seen);
            double total = lanes.sum(some, 0, seen);
            lanes.scale(some, 1 / total, seen);
            lanes.copy(some, 0, weights, u * seen, seen);
        }
        A sum = lanes.scratch(5, size);
        for (int u = 0; u < group; u++) {
            lanes.fill(sum, 0, size, 0);
            for (int k = 0; k < seen; k++) {
                int at = where.row(where.texts()[row], first + k, memory.pages());
                load(lanes, memory.values(), at, keyHead * size, line, size);
                lanes.addScaled(sum, lanes.get(weights, u * seen + k), line, size);
            }
            lanes.copy(sum, 0, results, u * size, size);
        }
        lanes.store(results, memory.out().at(lanes, row, head * size), group * size);
    }

    /** Zeros where there is no such row. */
    private static <A> void load(VectorLoops<A> lanes, HostRows rows, int row, int column, A to, int count) {
        if (row < 0) {
            lanes.fill(to, 0, count, 0);
        } else {
            lanes.load(rows.at(lanes, row, column), to, count);
        }
    }
}
