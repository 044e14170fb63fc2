/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.cpu.HostMachine;
import org.junit.jupiter.params.provider.Arguments;

/** Kernels of storage against the host: the same codes, the same numbers, to the byte. */
public final class StorageLaws {

    private StorageLaws() {}

    /** Those that have codes. */
    public static Stream<WeightStorage> storages() {
        return Stream.of(WeightStorage.BF16, WeightStorage.INT8, WeightStorage.NF4);
    }

    public static Stream<Arguments> storagesAndCounts() {
        return storages()
                .flatMap(storage ->
                        Stream.of(0, 1, 2, 63, 64, 65, 131, 4160, 12345).map(count -> Arguments.of(storage, count)));
    }

    /** Matrices and parts of them: whole ones, some rows, some columns; in eights and not. */
    public static Stream<Arguments> storagesAndParts() {
        int[][] parts = {
            {1, 0, 1, 0, 1},
            {37, 0, 5, 0, 37},
            {37, 2, 3, 0, 37},
            {37, 1, 4, 5, 20},
            {64, 0, 9, 0, 64},
            {136, 3, 30, 0, 136},
            {136, 0, 33, 64, 72},
            {136, 1, 32, 8, 16},
            {136, 1, 7, 4, 16},
            {136, 1, 7, 8, 12}
        };
        return storages()
                .flatMap(storage -> Arrays.stream(parts)
                        .map(part -> Arguments.of(storage, part[0], part[1], part[2], part[3], part[4])));
    }

    /** Blocks of every size, one of zeros, one that is nearly nothing, one of halves that are ties in some storage. */
    static float[] weights(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int k = 0; k < count; k++) {
            int block = k / WeightStorage.BLOCK;
            values[k] = switch (block % 5) {
                case 1 -> 0f;
                case 2 -> (float) (random.nextGaussian() * 0x1p-110);
                case 3 -> k % WeightStorage.BLOCK == 0 ? 127f : random.nextInt(253) / 2f - 63;
                default -> (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(40) - 20));
            };
        }
        if (count > 64) {
            values[9] = 1 + 0x1p-8f; // half way between two bfloat16 numbers
            values[10] = -(1 + 3 * 0x1p-8f);
        }
        return values;
    }

    /** What is kept, by the host. */
    public static float[] kept(WeightStorage storage, float... values) {
        try (Machine host = HostMachine.open(1);
                MachineArray weights = host.allocate("weights", values);
                StoredNumbers stored = host.store("weights", weights, storage);
                MachineArray one = host.allocate("one", new float[] {1});
                MachineArray result = host.allocate("result", ElementType.FLOAT, values.length);
                FrozenFactor factor =
                        host.freeze(new StoredMatrix(stored, 1, values.length, false, 1, ProductPrecision.FP32))) {
            factor.multiply(one, result, 1, 1, 0);
            return host.downloadFloats(result);
        }
    }

    static byte[] bytes(Machine machine, MachineArray array) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) array.bytes());
        machine.download(array, buffer);
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    /** Bfloat16 numbers, as floats. */
    static float[] widened(Machine machine, MachineArray halves) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(machine, halves)).order(ByteOrder.nativeOrder());
        float[] values = new float[(int) halves.length()];
        for (int k = 0; k < values.length; k++) {
            values[k] = Float.intBitsToFloat(buffer.getShort(2 * k) << 16);
        }
        return values;
    }

    /** Rounded to 8 significant bits. */
    static float[] rounded(float... values) {
        double[] rounded = FactorRounding.BF16.of(Values.widened(values));
        float[] floats = new float[values.length];
        for (int k = 0; k < floats.length; k++) {
            floats[k] = (float) rounded[k];
        }
        return floats;
    }

    public static void encoding(
            Machine machine, StorageKernels kernels, ElementType type, WeightStorage storage, int count, long seed) {
        float[] weights = weights(count, seed);
        try (Machine host = HostMachine.open(1);
                MachineArray there = host.allocate("weights", weights);
                StoredNumbers expected = host.store("weights", there, storage);
                Values values = new Values(machine, type, seed);
                StoredNumbers stored = new StoredNumbers(machine, "test", count, storage);
                MachineArray refused = machine.allocate("refused", new int[1])) {
            kernels.encode(values.in(weights), stored, refused);
            assertEquals(0, machine.downloadInts(refused)[0]);
            assertArrayEquals(bytes(host, expected.words()), bytes(machine, stored.words()), "codes");
            assertEquals(expected.scales().isPresent(), stored.scales().isPresent());
            expected.scales()
                    .ifPresent(scales -> assertArrayEquals(
                            host.downloadFloats(scales),
                            machine.downloadFloats(stored.scales().orElseThrow())));
        }
    }

    /** What is not finite, alone in any place, and what is too large. */
    public static void refusal(Machine machine, StorageKernels kernels, ElementType type, WeightStorage storage) {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
            for (int place : new int[] {0, 1, 63, 64, 129}) {
                float[] weights = weights(130, 3);
                weights[place] = bad;
                assertEquals(
                        1, refused(machine, kernels, type, storage, weights), storage + ", " + bad + " at " + place);
            }
        }
        float[] large = {1, -Float.MAX_VALUE};
        assertEquals(isRefusedByTheHost(storage, large) ? 1 : 0, refused(machine, kernels, type, storage, large));
    }

    private static int refused(
            Machine machine, StorageKernels kernels, ElementType type, WeightStorage storage, float... weights) {
        try (Values values = new Values(machine, type, 5);
                StoredNumbers stored = new StoredNumbers(machine, "test", weights.length, storage);
                MachineArray refused = machine.allocate("refused", new int[1])) {
            kernels.encode(values.in(weights), stored, refused);
            return machine.downloadInts(refused)[0];
        }
    }

    private static boolean isRefusedByTheHost(WeightStorage storage, float... weights) {
        try (Machine host = HostMachine.open(1);
                MachineArray there = host.allocate("weights", weights)) {
            host.store("weights", there, storage).close();
            return false;
        } catch (IllegalArgumentException refusal) {
            return true;
        }
    }

    /** A part is what the host keeps, and rounded what that is rounded to. */
    public static void decoding(
            Machine machine,
            StorageKernels kernels,
            WeightStorage storage,
            int width,
            int firstRow,
            int rows,
            int firstColumn,
            int columns) {
        int count = (firstRow + rows + 1) * width;
        float[] weights = weights(count, width);
        float[] kept = kept(storage, weights);
        float[] expected = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(kept, (firstRow + row) * width + firstColumn, expected, row * columns, columns);
        }
        for (int lead : new int[] {0, 1}) {
            try (MachineArray values = machine.allocate("weights", weights);
                    StoredNumbers stored = machine.store("test", values, storage);
                    MachineArray floats = machine.allocate("floats", ElementType.FLOAT, lead + expected.length);
                    MachineArray halves = machine.allocate("halves", ElementType.BFLOAT16, lead + expected.length)) {
                StoredPart part = new StoredPart(stored, width, firstRow, rows, firstColumn, columns);
                kernels.decode(part, floats.slice(lead, expected.length));
                assertArrayEquals(expected, machine.downloadFloats(floats.slice(lead, expected.length)));
                if (storage != WeightStorage.BF16) {
                    kernels.decode(part, halves.slice(lead, expected.length));
                    assertArrayEquals(rounded(expected), widened(machine, halves.slice(lead, expected.length)));
                }
            }
        }
    }

    public static void rounding(Machine machine, StorageKernels kernels, int count, long seed) {
        float[] numbers = weights(count, seed);
        float[] special = {Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -0f, Float.MIN_VALUE};
        System.arraycopy(special, 0, numbers, 0, Math.min(count, special.length));
        float[] expected = rounded(numbers);
        for (int lead : new int[] {0, 1}) {
            try (MachineArray from = machine.allocate("from", numbers);
                    MachineArray to = machine.allocate("to", ElementType.BFLOAT16, lead + count)) {
                kernels.round(from, to.slice(lead, count));
                assertArrayEquals(expected, widened(machine, to.slice(lead, count)));
            }
        }
    }

    /** Rows that are aligned or not, with something behind them that stays. */
    public static void roundingRows(
            Machine machine, StorageKernels kernels, int rows, int columns, int gap, long seed) {
        float[] numbers = weights(rows * columns, seed);
        float[] expected = rounded(numbers);
        int stride = columns + gap + 4; // another than that of the floats
        for (int lead : new int[] {0, 1}) {
            try (Values values = new Values(machine, ElementType.FLOAT, seed);
                    MachineArray to = machine.allocate("to", ElementType.BFLOAT16, lead + (long) rows * stride)) {
                machine.uploadRounded(new float[lead + rows * stride], to);
                MachineArray view = to.slice(lead, (long) rows * stride);
                kernels.roundRows(values.in(numbers, rows, columns, gap), new MatrixView(view, rows, columns, stride));
                float[] all = widened(machine, view);
                for (int row = 0; row < rows; row++) {
                    float[] line = Arrays.copyOfRange(all, row * stride, (row + 1) * stride);
                    float[] wanted =
                            Arrays.copyOf(Arrays.copyOfRange(expected, row * columns, (row + 1) * columns), stride);
                    assertArrayEquals(wanted, line);
                }
            }
        }
    }
}
