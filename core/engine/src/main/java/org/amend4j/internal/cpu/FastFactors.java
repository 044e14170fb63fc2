/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cpu.PackedFactor.Block;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.internal.onednn.PackedLayout;

/** Frozen matrices packed for oneDNN, and the layouts that they share. */
final class FastFactors implements AutoCloseable {

    /** Numbers below which a matrix is not worth the call. */
    private static final long SMALL = 256;
    /** Rows below which a product may be divided by columns, see {@code PlanSession.partsFor}. */
    private static final int FEW_ROWS = 512;
    /** Columns of a block then. */
    private static final int BLOCK = 256;

    private record Key(long rows, int inner, int columns, ElementType factors) {}

    private final HostMachine machine;
    private final OneDnn library;
    private final Map<Key, Optional<PackedLayout>> layouts = new HashMap<>();

    FastFactors(HostMachine machine, OneDnn library) {
        this.machine = machine;
        this.library = library;
    }

    /** Empty if oneDNN would not be faster. */
    Optional<FrozenFactor> of(String owner, FrozenMatrix matrix, FrozenFactor stored) {
        if (matrix.values().type() != ElementType.FLOAT || matrix.values().length() < SMALL) {
            return Optional.empty();
        }
        List<Block> blocks = new ArrayList<>();
        int width = matrix.rows() < FEW_ROWS ? BLOCK : matrix.columns();
        int count;
        for (int first = 0; first < matrix.columns(); first += count) {
            int left = matrix.columns() - first;
            count = left <= width + 1
                    ? left
                    : width; // of a block of one column, oneDNN ignores the distance between rows
            Optional<PackedLayout> layout = layout(matrix, count);
            if (layout.isEmpty()) {
                blocks.forEach(block -> block.packed().close());
                return Optional.empty();
            }
            blocks.add(packed(owner, matrix, layout.get(), first, count));
        }
        return Optional.of(new PackedFactor(machine, matrix, stored, blocks));
    }

    private Optional<PackedLayout> layout(FrozenMatrix matrix, int columns) {
        ElementType factors = matrix.precision() == ProductPrecision.BF16 ? ElementType.BFLOAT16 : ElementType.FLOAT;
        int rows = (int) Math.min(matrix.rows(), Integer.MAX_VALUE);
        return layouts.computeIfAbsent(
                new Key(rows, matrix.inner(), columns, factors),
                key -> PackedLayout.of(library, rows, matrix.inner(), columns, factors));
    }

    private Block packed(String owner, FrozenMatrix matrix, PackedLayout layout, int first, int count) {
        long words = (layout.bytes() + Float.BYTES - 1) / Float.BYTES;
        MachineArray packed = machine.allocate(owner + " packed", ElementType.FLOAT, words);
        int inner = matrix.inner();
        long offset = matrix.transposed() ? (long) first * inner : first;
        layout.pack(
                machine.address(matrix.values()) + offset * Float.BYTES,
                matrix.transposed() ? 1 : matrix.columns(),
                matrix.transposed() ? inner : 1,
                machine.address(packed));
        return new Block(layout, packed, first, count);
    }

    @Override
    public void close() {
        layouts.values().forEach(layout -> layout.ifPresent(PackedLayout::close));
        layouts.clear();
    }
}
