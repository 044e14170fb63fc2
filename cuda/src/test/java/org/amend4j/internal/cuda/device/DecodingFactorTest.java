/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.backend.StorageLaws;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredNumbers;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products on a device with matrices in few bits are products with the decoded ones, rounded as asked. */
class DecodingFactorTest {

    static Stream<Arguments> storagesAndPrecisions() {
        return StorageLaws.storages()
                .flatMap(storage ->
                        Stream.of(ProductPrecision.values()).map(precision -> Arguments.of(storage, precision)));
    }

    /** A product with a matrix [inner, columns]. */
    private record Shape(int rows, int inner, int columns, boolean transposed) {

        StoredMatrix matrix(StoredNumbers stored, ProductPrecision precision) {
            return new StoredMatrix(stored, inner, columns, transposed, rows, precision);
        }

        int weights() {
            return inner * columns;
        }
    }

    /** Odd and even sizes, blocks that run over the ends of rows. */
    private static Stream<Shape> shapes() {
        return Stream.of(
                new Shape(1, 3, 2, false),
                new Shape(1, 3, 2, true),
                new Shape(5, 129, 70, false),
                new Shape(5, 129, 70, true),
                new Shape(19, 64, 200, false),
                new Shape(19, 64, 200, true));
    }

    private static float[] normal(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int k = 0; k < count; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("storagesAndPrecisions")
    @OneIn(2)
    void aProductIsThatWithTheDecodedMatrix(WeightStorage storage, ProductPrecision precision) {
        try (Device device = LawDevices.plain()) {
            shapes().forEach(shape -> {
                check(device, storage, precision, shape, new DecodingFactor.Memory(device));
                // columns in parts of 64 or fewer, rows in threes
                check(device, storage, precision, shape, new DecodingFactor.Memory(device, 2 * 64 * 64, 2 * 3 * 64));
            });
        }
    }

    private static void check(
            Device device,
            WeightStorage storage,
            ProductPrecision precision,
            Shape shape,
            DecodingFactor.Memory memory) {
        float[] weights = normal(1, shape.weights());
        float[] decoded = StorageLaws.kept(storage, weights);
        float[] x = normal(2, shape.rows() * shape.inner());
        float[] before = normal(3, shape.rows() * shape.columns());
        try (MachineArray values = device.allocate("weights", weights);
                StoredNumbers stored = device.store("weights", values, storage);
                MachineArray from = device.allocate("rows", x);
                MachineArray to = device.allocate("to", before);
                FrozenFactor factor = new DecodingFactor(device, shape.matrix(stored, precision), memory)) {
            factor.multiply(from, to, shape.rows(), -0.5, 2);
            float[] got = device.downloadFloats(to);
            // k products and sums, and each factor rounded once
            double relative = (shape.inner() + 8) * 0x1p-24 + 2.01 * rounding(precision);
            for (int i = 0; i < shape.rows(); i++) {
                for (int j = 0; j < shape.columns(); j++) {
                    double sum = 2.0 * before[i * shape.columns() + j];
                    double size = Math.abs(sum);
                    for (int l = 0; l < shape.inner(); l++) {
                        int place = shape.transposed() ? j * shape.inner() + l : l * shape.columns() + j;
                        double term = -0.5 * x[i * shape.inner() + l] * decoded[place];
                        sum += term;
                        size += Math.abs(term);
                    }
                    assertEquals(sum, got[i * shape.columns() + j], relative * size, shape + ", " + i + ", " + j);
                }
            }
        }
    }

    private static double rounding(ProductPrecision precision) {
        return switch (precision) {
            case FP32 -> 0;
            case TF32 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("storagesAndPrecisions")
    void recordedItIsTheSameAndMayReadNothingOfTheResult(WeightStorage storage, ProductPrecision precision) {
        Shape shape = new Shape(8, 64, 96, true);
        try (Device device = LawDevices.plain();
                MachineArray values = device.allocate("weights", normal(4, shape.weights()));
                StoredNumbers stored = device.store("weights", values, storage);
                MachineArray rows = device.allocate("rows", normal(5, 8 * 64));
                MachineArray now = device.allocate("now", ElementType.FLOAT, 8 * 96);
                MachineArray replayed = device.allocate("replayed", ElementType.FLOAT, 8 * 96);
                FrozenFactor factor = device.freeze(shape.matrix(stored, precision))) {
            device.fill(now, Double.NaN); // not read with beta = 0
            factor.multiply(rows, now, 8, 1, 0);
            try (Recording recording = device.record(() -> factor.multiply(rows, replayed, 8, 1, 0))) {
                recording.replay();
            }
            assertArrayEquals(device.downloadFloats(now), device.downloadFloats(replayed));
        }
    }

    @Test
    void productsShareTheMemoryTheyDecodeToAndItIsGivenBackWithTheLast() {
        try (Device device = LawDevices.plain();
                MachineArray values = device.allocate("weights", normal(6, 64 * 96));
                StoredNumbers stored = device.store("weights", values, WeightStorage.NF4)) {
            long before = device.bytesInUse();
            StoredMatrix large = new StoredMatrix(stored, 64, 96, true, 32, ProductPrecision.BF16);
            FrozenFactor first = device.freeze(large);
            long one = device.bytesInUse() - before;
            assertEquals(2 * (64 * 96 + 32 * 64), one);
            FrozenFactor second = device.freeze(new StoredMatrix(stored, 96, 64, false, 16, ProductPrecision.BF16));
            assertEquals(before + one, device.bytesInUse());
            FrozenFactor floats = device.freeze(new StoredMatrix(stored, 96, 64, false, 8, ProductPrecision.TF32));
            assertEquals(before + one + 4L * 64 * 96, device.bytesInUse(), "floats, and no rows");
            first.close();
            first.close();
            floats.close();
            assertEquals(before + one, device.bytesInUse());
            second.close();
            assertEquals(before, device.bytesInUse());
        }
    }

    /** Memory of a factor before stays where it is while a larger one is made. */
    @Test
    void aLargerProductThatComesLaterHasItsOwnMemory() {
        try (Device device = LawDevices.plain();
                MachineArray values = device.allocate("weights", normal(7, 64 * 96));
                StoredNumbers all = device.store("weights", values, WeightStorage.INT8);
                StoredNumbers some = device.store("weights", values.slice(0, 64 * 8), WeightStorage.INT8);
                MachineArray rows = device.allocate("rows", normal(8, 4 * 64));
                MachineArray to = device.allocate("to", ElementType.FLOAT, 4 * 8);
                FrozenFactor small = device.freeze(new StoredMatrix(some, 64, 8, true, 4, ProductPrecision.FP32))) {
            small.multiply(rows, to, 4, 1, 0);
            float[] expected = device.downloadFloats(to);
            try (Recording recording = device.record(() -> small.multiply(rows, to, 4, 1, 0));
                    FrozenFactor large = device.freeze(new StoredMatrix(all, 64, 96, true, 4, ProductPrecision.FP32));
                    MachineArray other = device.allocate("other", ElementType.FLOAT, 4 * 96)) {
                large.multiply(rows, other, 4, 1, 0);
                device.fill(to, 0);
                recording.replay();
                assertArrayEquals(expected, device.downloadFloats(to));
            }
        }
    }

    /** One whose tensor cores know no bfloat16: rounding is cuBLAS's there, as in all other products. */
    @Test
    void anOldCardDecodesToFloats() {
        Device old = new ScarceDevice(EmulatedDevices.plain(), Integer.MAX_VALUE) {
            @Override
            public int architecture() {
                return 75;
            }
        };
        Shape shape = new Shape(4, 64, 8, true);
        try (old;
                MachineArray values = old.allocate("weights", normal(9, shape.weights()));
                StoredNumbers stored = old.store("weights", values, WeightStorage.BF16)) {
            long before = old.bytesInUse();
            try (FrozenFactor factor = old.freeze(shape.matrix(stored, ProductPrecision.BF16))) {
                assertEquals(before + 4L * shape.weights(), old.bytesInUse(), factor + "");
            }
            check(old, WeightStorage.NF4, ProductPrecision.BF16, shape, new DecodingFactor.Memory(old));
        }
    }

    @Test
    void memoryIsWhatTheStorageSaysAndIsGivenBack() {
        try (Device device = LawDevices.plain()) {
            StorageLaws.storages().forEach(storage -> {
                long before = device.bytesInUse();
                int count = 64 * 100 + 1;
                try (MachineArray values = device.allocate("weights", normal(10, count));
                        StoredNumbers stored = device.store("weights", values, storage)) {
                    assertEquals(before + 4L * count + storage.bytes(count), device.bytesInUse(), stored + "");
                }
                assertEquals(before, device.bytesInUse());
            });
        }
    }

    @Test
    void whatCannotBeStoredOrMultipliedIsRefusedAndItsMemoryIsGivenBack() {
        try (Device device = LawDevices.plain();
                MachineArray bad = device.allocate("bad", new float[] {1, Float.NaN});
                MachineArray values = device.allocate("weights", normal(11, 32 * 32));
                MachineArray rows = device.allocate("rows", normal(12, 64 * 32));
                MachineArray to = device.allocate("to", ElementType.FLOAT, 256);
                StoredNumbers stored = device.store("weights", values, WeightStorage.INT8)) {
            long before = device.bytesInUse();
            StorageLaws.storages()
                    .forEach(storage -> refused("must be finite", () -> device.store("weights", bad, storage)));
            try (FrozenFactor factor =
                    device.freeze(new StoredMatrix(stored, 32, 32, false, 8, ProductPrecision.BF16))) {
                refused("needs 288 floats", () -> factor.multiply(rows, to, 9, 1, 0));
                refused("overlaps", () -> factor.multiply(rows, rows.slice(32, 256), 8, 1, 0));
                refused("count must be", () -> factor.multiply(rows, to, -1, 1, 0));
            }
            assertEquals(before, device.bytesInUse());
        }
    }

    private static void refused(String part, Runnable call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
