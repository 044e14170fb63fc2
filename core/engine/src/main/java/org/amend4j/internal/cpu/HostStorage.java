/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.StoredNumbers;

/** Numbers in few bits in the host's memory: written there, and decoded again, some at a time. */
final class HostStorage {

    /** Blocks that go through arrays at once: such as stay in the first cache. */
    private static final int PIECE = 32;

    private static final int BLOCK = WeightStorage.BLOCK;

    private final BlockCode code;
    private final int words;
    private final long length;
    private final long codes;
    /** Where scales are, 0 where there are none. */
    private final long scales;

    /** @param machine whose they are */
    HostStorage(HostMachine machine, StoredNumbers numbers) {
        this.code = BlockCode.of(numbers.storage());
        this.words = numbers.storage().wordsOfBlock();
        this.length = numbers.length();
        this.codes = machine.address(numbers.words());
        this.scales = numbers.scales().map(machine::address).orElse(0L);
    }

    /**
     * Writes all numbers.
     *
     * @param values in FLOAT
     * @throws IllegalArgumentException if one is not finite, or too large for this storage
     */
    void encode(HostMachine machine, MachineArray values) {
        if (values.type() != ElementType.FLOAT) {
            throw new IllegalArgumentException("numbers to be stored must be floats, got " + values);
        }
        long from = machine.address(values);
        float[] floats = new float[PIECE * BLOCK];
        Encoded piece = new Encoded();
        for (long first = 0; first < length; first += floats.length) {
            int count = (int) Math.min(floats.length, length - first);
            RawMemory.read(from + first * Float.BYTES, floats, RawMemory.FLOATS, (long) count * Float.BYTES);
            int blocks = blocksOf(count);
            Arrays.fill(floats, count, blocks * BLOCK, 0);
            requireFinite(values, floats, count);
            for (int block = 0; block < blocks; block++) {
                piece.scales[block] = code.encode(floats, block * BLOCK, piece.words, block * words);
            }
            piece.write(first / BLOCK, blocks);
            piece.decode(blocks, floats);
            requireFinite(values, floats, count); // rounding may go beyond the largest number
        }
    }

    private static void requireFinite(MachineArray of, float[] values, int count) {
        for (int k = 0; k < count; k++) {
            if (!Float.isFinite(values[k])) {
                throw new IllegalArgumentException("frozen weights must be finite to be stored in few bits: " + of);
            }
        }
    }

    private static int blocksOf(int count) {
        return (count + BLOCK - 1) / BLOCK;
    }

    /** Decodes rectangles of a matrix. */
    final class Decoder {

        private final Encoded piece = new Encoded();
        private final float[] floats = new float[PIECE * BLOCK];

        /**
         * Writes a rectangle of the matrix without gaps.
         *
         * @param width of the matrix, numbers
         */
        void decode(long width, long firstLine, int lines, long firstColumn, int columns, long to) {
            if (columns == width) {
                run(firstLine * width, lines * width, to);
                return;
            }
            for (int line = 0; line < lines; line++) {
                run((firstLine + line) * width + firstColumn, columns, to + (long) line * columns * Float.BYTES);
            }
        }

        /** Numbers that lie side by side. */
        private void run(long first, long count, long to) {
            long end = first + count;
            for (long at = first; at < end; ) {
                long block = at / BLOCK;
                int skipped = (int) (at - block * BLOCK);
                int numbers = (int) Math.min(floats.length - skipped, end - at);
                int blocks = blocksOf(skipped + numbers);
                piece.read(block, blocks);
                piece.decode(blocks, floats);
                RawMemory.write(
                        floats,
                        RawMemory.FLOATS + (long) skipped * Float.BYTES,
                        to + (at - first) * Float.BYTES,
                        (long) numbers * Float.BYTES);
                at += numbers;
            }
        }
    }

    /** Some blocks' codes in arrays. */
    private final class Encoded {

        private final int[] words = new int[PIECE * HostStorage.this.words];
        private final float[] scales = new float[PIECE];

        void read(long first, int blocks) {
            int width = HostStorage.this.words * Integer.BYTES;
            RawMemory.read(codes + first * width, words, RawMemory.INTS, (long) blocks * width);
            if (HostStorage.this.scales != 0) {
                RawMemory.read(
                        HostStorage.this.scales + first * Float.BYTES,
                        scales,
                        RawMemory.FLOATS,
                        (long) blocks * Float.BYTES);
            }
        }

        void write(long first, int blocks) {
            int width = HostStorage.this.words * Integer.BYTES;
            RawMemory.write(words, RawMemory.INTS, codes + first * width, (long) blocks * width);
            if (HostStorage.this.scales != 0) {
                RawMemory.write(
                        scales,
                        RawMemory.FLOATS,
                        HostStorage.this.scales + first * Float.BYTES,
                        (long) blocks * Float.BYTES);
            }
        }

        void decode(int blocks, float[] to) {
            for (int block = 0; block < blocks; block++) {
                code.decode(words, block * HostStorage.this.words, scales[block], to, block * BLOCK);
            }
        }
    }
}
