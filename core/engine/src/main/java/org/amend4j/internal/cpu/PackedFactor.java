/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.onednn.PackedLayout;
import org.amend4j.internal.validation.Checks;

/**
 * A matrix packed for oneDNN, in blocks of columns, so that several threads can make one product. Its bytes do not depend on their
 * number.
 */
final class PackedFactor implements FrozenFactor {

    /**
     * Some columns.
     *
     * @param first of them
     * @param count of them
     */
    record Block(PackedLayout layout, MachineArray packed, int first, int count) {}

    private final HostMachine machine;
    private final FrozenMatrix matrix;
    private final FrozenFactor stored;
    private final List<Block> blocks;
    private final Owned packed = new Owned();

    /** @param stored the same matrix, for products that are not packed ones */
    PackedFactor(HostMachine machine, FrozenMatrix matrix, FrozenFactor stored, List<Block> blocks) {
        this.machine = machine;
        this.matrix = matrix;
        this.stored = stored;
        this.blocks = List.copyOf(blocks);
        blocks.forEach(block -> packed.add(block.packed()));
    }

    @Override
    public void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        Checks.atLeast(0, "count", count);
        if (count == 0 || alpha != 1 || (beta != 0 && beta != 1)) {
            stored.multiply(rows, to, count, alpha, beta);
            return;
        }
        long read = (long) count * matrix.inner();
        long written = (long) count * matrix.columns();
        long from = machine.floats("rows", rows, read);
        long result = machine.floats("to", to, written);
        if (from < result + written * Float.BYTES && result < from + read * Float.BYTES) {
            throw new IllegalArgumentException("the result overlaps the rows: " + rows + ", " + to);
        }
        int pieces = machine.piecesOfProduct(blocks.size(), (double) count * matrix.inner() * matrix.columns());
        blocks.forEach(block -> machine.address(block.packed()));
        machine.perform(() -> compute(from, result, count, beta == 1, pieces));
    }

    private void compute(long rows, long to, int count, boolean adds, int pieces) {
        if (blocks.get(0).layout().factors() == ElementType.FLOAT) {
            multiply(rows, to, count, adds, pieces);
            return;
        }
        try (Scratch.Piece rounded = machine.scratch().take((long) count * matrix.inner() * Short.BYTES)) {
            blocks.get(0).layout().round(count, rows, rounded.address());
            multiply(rounded.address(), to, count, adds, pieces);
        }
    }

    private void multiply(long rows, long to, int count, boolean adds, int pieces) {
        if (pieces == 1) {
            blocks.forEach(block -> multiply(block, rows, to, count, adds));
            return;
        }
        machine.crew().run(pieces, piece -> {
            for (int k = piece; k < blocks.size(); k += pieces) {
                multiply(blocks.get(k), rows, to, count, adds);
            }
        });
    }

    private void multiply(Block block, long rows, long to, int count, boolean adds) {
        block.layout()
                .multiply(
                        count,
                        rows,
                        machine.address(block.packed()),
                        to + (long) block.first() * Float.BYTES,
                        matrix.columns(),
                        adds);
    }

    @Override
    public void close() {
        packed.close();
    }
}
