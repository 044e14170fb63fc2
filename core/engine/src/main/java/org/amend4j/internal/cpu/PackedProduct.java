/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.internal.onednn.PackedLayout;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A frozen matrix packed for oneDNN, and rows of Java arrays multiplied with it. On one machine the bytes of a row depend on
 * nothing that is computed in the same call: oneDNN gives a row the same bytes among two rows or more, but takes other code for one
 * alone, which therefore gets a second one for company ({@code PackedProductTest}).
 */
public final class PackedProduct {

    /** Rows that a layout is planned for, and the most of a call. */
    private static final int ROWS = 64;
    /** Columns of a block. */
    private static final int BLOCK = 256;

    private static final int ALIGNMENT = 64;

    /** Multiplications that are worth another thread. */
    private static final long WORTHWHILE = 1 << 20;

    private static final Scratch SCRATCH = new Scratch();
    private static final Map<Key, Optional<PackedLayout>> LAYOUTS = new ConcurrentHashMap<>();

    private record Key(int inputs, int outputs) {}

    /**
     * Some outputs.
     *
     * @param offset of the packed numbers, in bytes
     * @param first output
     * @param count of outputs
     */
    private record Block(PackedLayout layout, long offset, int first, int count) {}

    private final int outputs;
    private final int inputs;
    private final List<Block> blocks;
    private final FloatPointer memory;

    private PackedProduct(float[] values, int outputs, int inputs, List<Block> blocks) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.blocks = List.copyOf(blocks);
        Block last = blocks.get(blocks.size() - 1);
        long bytes = last.offset() + last.layout().bytes() + ALIGNMENT;
        this.memory = new FloatPointer((bytes + Float.BYTES - 1) / Float.BYTES);
        try (FloatPointer plain = new FloatPointer(values)) {
            use(packed -> blocks.forEach(block -> block.layout()
                    .pack(
                            plain.address() + (long) block.first() * inputs * Float.BYTES,
                            1,
                            inputs,
                            packed + block.offset())));
        }
    }

    /**
     * Packs a copy of a matrix.
     *
     * @param values [outputs, inputs] in C-order
     * @return empty if there is no oneDNN, or it has no code of its own for this processor
     */
    public static Optional<PackedProduct> of(float[] values, int outputs, int inputs) {
        return OneDnn.here()
                .flatMap(library -> blocks(library, outputs, inputs))
                .map(blocks -> new PackedProduct(values, outputs, inputs, blocks));
    }

    private static Optional<List<Block>> blocks(OneDnn library, int outputs, int inputs) {
        int half = (outputs / 2 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int width = outputs >= 2 * BLOCK ? BLOCK : Math.max(ALIGNMENT, half);
        List<Block> blocks = new ArrayList<>();
        long offset = 0;
        int count;
        for (int first = 0; first < outputs; first += count) {
            int left = outputs - first;
            count = left <= width + 1 ? left : width; // a block of one column would ignore the distance between rows
            Optional<PackedLayout> layout = LAYOUTS.computeIfAbsent(
                    new Key(inputs, count),
                    key -> PackedLayout.of(library, ROWS, key.inputs(), key.outputs(), ElementType.FLOAT));
            if (layout.isEmpty()) {
                return Optional.empty();
            }
            blocks.add(new Block(layout.get(), offset, first, count));
            offset += (layout.get().bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        return Optional.of(blocks);
    }

    /** How many numbers a row has. */
    public int inputs() {
        return inputs;
    }

    /** How many numbers a result has. */
    public int outputs() {
        return outputs;
    }

    /** A copy of the matrix, [outputs, inputs] in C-order: the values that were packed, to the bit. */
    public float[] values() {
        float[] values = new float[outputs * inputs];
        try (FloatPointer plain = new FloatPointer(values.length)) {
            use(packed -> blocks.forEach(block -> block.layout()
                    .unpack(
                            packed + block.offset(),
                            1,
                            inputs,
                            plain.address() + (long) block.first() * inputs * Float.BYTES)));
            plain.get(values);
        }
        return values;
    }

    /**
     * y += x·Mᵀ for the rows in [from, to), by all processors where that is worth it.
     *
     * @param x [rows, inputs] or wider
     * @param y [rows, outputs] or wider
     */
    public void multiplyAdd(float[][] x, float[][] y, int from, int to) {
        for (int first = from; first < to; first += ROWS) {
            chunk(x, y, first, Math.min(to, first + ROWS));
        }
    }

    private void chunk(float[][] x, float[][] y, int from, int to) {
        int rows = to - from;
        int computed = Math.max(2, rows == 1 ? 2 : Integer.highestOneBit(rows - 1) * 2);
        long rowBytes = (long) inputs * Float.BYTES;
        long resultBytes = (long) outputs * Float.BYTES;
        try (Scratch.Piece source = SCRATCH.take(computed * rowBytes);
                Scratch.Piece result = SCRATCH.take(computed * resultBytes)) {
            for (int row = 0; row < computed; row++) {
                int copied = from + Math.min(row, rows - 1);
                RawMemory.write(x[copied], RawMemory.FLOATS, source.address() + row * rowBytes, rowBytes);
                RawMemory.write(y[copied], RawMemory.FLOATS, result.address() + row * resultBytes, resultBytes);
            }
            multiply(source.address(), result.address(), computed);
            for (int row = 0; row < rows; row++) {
                RawMemory.read(result.address() + row * resultBytes, y[from + row], RawMemory.FLOATS, resultBytes);
            }
        }
    }

    private void multiply(long rows, long to, int count) {
        IntStream parts = IntStream.range(0, blocks.size());
        boolean worthwhile = (long) count * inputs * outputs >= WORTHWHILE;
        use(packed -> (worthwhile ? parts.parallel() : parts).forEach(part -> {
            Block block = blocks.get(part);
            block.layout()
                    .multiply(
                            count,
                            rows,
                            packed + block.offset(),
                            to + (long) block.first() * Float.BYTES,
                            outputs,
                            true);
        }));
    }

    /** Keeps the memory for the time of its use. */
    private void use(LongConsumer work) {
        try {
            work.accept((memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }
}
