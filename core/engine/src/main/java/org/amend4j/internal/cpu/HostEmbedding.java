/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.EmbeddingKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.TokenSegments;

/** Rows of tables on the host. */
final class HostEmbedding extends EmbeddingKernels {

    private final HostMachine machine;

    HostEmbedding(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeGather(MatrixView table, MachineArray tokens, MatrixView to) {
        gather(VectorLoops.of(to.array().type()), table, tokens, to);
    }

    private <A> void gather(VectorLoops<A> lanes, MatrixView table, MachineArray tokens, MatrixView to) {
        HostRows source = HostRows.of(machine, lanes, table);
        HostRows target = HostRows.of(machine, lanes, to);
        long places = machine.address(tokens);
        int vocabulary = table.rows();
        int rows = to.rows();
        int columns = to.columns();
        long bytes = (long) columns * lanes.bytes();
        machine.perform(() -> {
            int[] words = RawMemory.ints(places, rows);
            for (int row = 0; row < rows; row++) {
                long place = target.address() + row * target.stride() * lanes.bytes();
                if (words[row] >= 0 && words[row] < vocabulary) {
                    RawMemory.copy(source.address() + words[row] * source.stride() * lanes.bytes(), place, bytes);
                } else {
                    A nothing = lanes.scratch(0, columns);
                    lanes.fill(nothing, 0, columns, Double.NaN);
                    lanes.store(nothing, place, columns);
                }
            }
        });
    }

    @Override
    protected void computeGatherPair(
            MatrixView table, MatrixView second, MachineArray tokens, MatrixView to, MatrixView toSecond) {
        computeGather(table, tokens, to);
        computeGather(second, tokens, toSecond);
    }

    @Override
    protected void computeScatterAdd(MatrixView rows, TokenSegments segments, double scale, MatrixView table) {
        scatterAdd(VectorLoops.of(table.array().type()), rows, segments, scale, table);
    }

    private <A> void scatterAdd(
            VectorLoops<A> lanes, MatrixView rows, TokenSegments segments, double scale, MatrixView table) {
        HostRows source = HostRows.of(machine, lanes, rows);
        HostRows target = HostRows.of(machine, lanes, table);
        long tokensAt = machine.address(segments.tokens());
        long startsAt = machine.address(segments.starts());
        long placesAt = machine.address(segments.places());
        long count = segments.tokens().length();
        long positions = segments.places().length();
        int columns = rows.columns();
        machine.perform(() -> {
            int[] tokens = RawMemory.ints(tokensAt, count);
            int[] starts = RawMemory.ints(startsAt, count + 1);
            int[] places = RawMemory.ints(placesAt, positions);
            A sum = lanes.scratch(0, columns);
            A row = lanes.scratch(1, columns);
            for (int k = 0; k < tokens.length; k++) {
                lanes.fill(sum, 0, columns, 0);
                for (int place = starts[k]; place < starts[k + 1]; place++) {
                    source.load(lanes, places[place], 1, columns, row);
                    lanes.add(sum, row, columns);
                }
                target.load(lanes, tokens[k], 1, columns, row);
                lanes.addScaled(row, scale, sum, columns);
                target.store(lanes, row, tokens[k], 1, columns);
            }
        });
    }
}
