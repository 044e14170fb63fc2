/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredNumbers;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with matrices in few bits are products with the decoded ones. */
class DecodedFactorTest {

    private static final Set<WeightStorage> FEW_BITS = EnumSet.complementOf(EnumSet.of(WeightStorage.FP32));

    private static float[] normal(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int k = 0; k < count; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }

    /** What a storage makes of numbers, block by block. */
    private static float[] decoded(WeightStorage storage, float... values) {
        BlockCode code = BlockCode.of(storage);
        float[] all = Arrays.copyOf(values, (values.length + 63) / 64 * 64);
        int[] words = new int[storage.wordsOfBlock()];
        for (int at = 0; at < all.length; at += WeightStorage.BLOCK) {
            code.decode(words, 0, code.encode(all, at, words, 0), all, at);
        }
        return Arrays.copyOf(all, values.length);
    }

    /** Odd sizes, blocks that run over the ends of rows, several parts, a row longer than a part. */
    @ParameterizedTest(name = "{0} rows x [{1}, {2}], transposed: {3}")
    @CsvSource({
        "1, 3, 2, false",
        "1, 3, 2, true",
        "5, 129, 70, false",
        "5, 129, 70, true",
        "3, 600, 1100, false",
        "3, 1100, 600, true",
        "2, 270000, 3, true",
        "2, 3, 270001, false"
    })
    void a_product_is_that_with_the_decoded_matrix(int rows, int inner, int columns, boolean transposed) {
        float[] weights = normal(1, inner * columns);
        float[] x = normal(2, rows * inner);
        float[] before = normal(3, rows * columns);
        for (WeightStorage storage : FEW_BITS) {
            float[] decoded = decoded(storage, weights);
            try (Machine machine = HostMachine.open(2);
                    MachineArray values = machine.allocate("weights", weights);
                    StoredNumbers stored = machine.store("weights", values, storage);
                    MachineArray from = machine.allocate("rows", x);
                    MachineArray to = machine.allocate("to", before);
                    FrozenFactor factor = machine.freeze(
                            new StoredMatrix(stored, inner, columns, transposed, 8, ProductPrecision.FP32))) {
                factor.multiply(from, to, rows, -0.5, 2);
                float[] got = machine.downloadFloats(to);
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j += Math.max(1, columns / 97)) {
                        double sum = 2.0 * before[i * columns + j];
                        double size = Math.abs(sum);
                        for (int l = 0; l < inner; l++) {
                            double term =
                                    -0.5 * x[i * inner + l] * decoded[transposed ? j * inner + l : l * columns + j];
                            sum += term;
                            size += Math.abs(term);
                        }
                        // inner products and sums, in parts
                        assertEquals(sum, got[i * columns + j], (inner + 8) * 0x1p-24 * size, storage + "");
                    }
                }
            }
        }
    }

    @Tag("kernels")
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void bytes_do_not_depend_on_threads(boolean transposed) {
        for (WeightStorage storage : FEW_BITS) {
            assertArrayEquals(product(1, storage, transposed), product(3, storage, transposed));
        }
    }

    private static float[] product(int threads, WeightStorage storage, boolean transposed) {
        try (Machine machine = HostMachine.open(threads);
                MachineArray values = machine.allocate("weights", normal(5, 700 * 1500));
                StoredNumbers stored = machine.store("weights", values, storage);
                MachineArray rows = machine.allocate("rows", normal(6, 40 * 700));
                MachineArray to = machine.allocate("to", ElementType.FLOAT, 40 * 1500);
                FrozenFactor factor =
                        machine.freeze(new StoredMatrix(stored, 700, 1500, transposed, 8, ProductPrecision.FP32))) {
            machine.fill(to, Double.NaN); // not read with beta = 0
            machine.dividingProducts(() -> factor.multiply(rows, to, 40, 1, 0));
            return machine.downloadFloats(to);
        }
    }

    @Test
    void recorded_and_side_by_side_they_are_the_same() {
        try (Machine machine = HostMachine.open(2);
                MachineArray values = machine.allocate("weights", normal(7, 192 * 80));
                StoredNumbers stored = machine.store("weights", values, WeightStorage.NF4);
                MachineArray rows = machine.allocate("rows", normal(8, 2 * 64 * 192));
                MachineArray alone = machine.allocate("alone", ElementType.FLOAT, 2 * 64 * 80);
                MachineArray beside = machine.allocate("beside", ElementType.FLOAT, 2 * 64 * 80);
                FrozenFactor factor =
                        machine.freeze(new StoredMatrix(stored, 192, 80, true, 8, ProductPrecision.FP32))) {
            for (int share = 0; share < 2; share++) {
                half(factor, rows, alone, share);
            }
            try (Recording recording =
                    machine.record(() -> machine.sideBySide(2, share -> half(factor, rows, beside, share)))) {
                for (int round = 0; round < 20; round++) {
                    machine.fill(beside, 0);
                    recording.replay();
                    assertArrayEquals(machine.downloadFloats(alone), machine.downloadFloats(beside));
                }
            }
        }
    }

    private static void half(FrozenFactor factor, MachineArray rows, MachineArray to, int share) {
        factor.multiply(rows.slice(share * 64L * 192, 64 * 192), to.slice(share * 64L * 80, 64 * 80), 64, 1, 0);
    }

    @Test
    void memory_is_what_the_storage_says_and_is_given_back() {
        try (Machine machine = HostMachine.open(1)) {
            for (WeightStorage storage : FEW_BITS) {
                long before = machine.bytesInUse();
                StoredNumbers stored;
                try (MachineArray values = machine.allocate("weights", normal(9, 64 * 1000 + 1))) {
                    stored = machine.store("weights", values, storage);
                }
                assertEquals(before + storage.bytes(64 * 1000 + 1), machine.bytesInUse());
                stored.close();
                stored.close();
                assertEquals(before, machine.bytesInUse());
            }
        }
    }

    @Test
    void what_cannot_be_stored_is_refused_and_its_memory_is_given_back() {
        try (Machine machine = HostMachine.open(1);
                MachineArray values = machine.allocate("weights", new float[] {1, Float.NaN});
                MachineArray large = machine.allocate("large", new float[] {1, Float.MAX_VALUE});
                MachineArray doubles = machine.allocate("doubles", ElementType.DOUBLE, 2)) {
            long before = machine.bytesInUse();
            for (WeightStorage storage : FEW_BITS) {
                refused("must be finite", () -> machine.store("weights", values, storage));
            }
            refused("must be finite", () -> machine.store("large", large, WeightStorage.BF16));
            refused("must be FLOAT", () -> machine.store("doubles", doubles, WeightStorage.INT8));
            refused("got FP32", () -> machine.store("large", large, WeightStorage.FP32));
            assertEquals(before, machine.bytesInUse());
        }
    }

    @Test
    void what_does_not_fit_a_stored_matrix_is_refused() {
        try (Machine machine = HostMachine.open(1);
                MachineArray values = machine.allocate("weights", normal(10, 32 * 32));
                MachineArray rows = machine.allocate("rows", normal(11, 64 * 32));
                MachineArray to = machine.allocate("to", ElementType.FLOAT, 256);
                StoredNumbers stored = machine.store("weights", values, WeightStorage.INT8);
                FrozenFactor factor =
                        machine.freeze(new StoredMatrix(stored, 32, 32, false, 8, ProductPrecision.FP32))) {
            refused("has 2048 numbers", () -> new StoredMatrix(stored, 32, 64, false, 8, ProductPrecision.FP32));
            refused("needs 288 floats", () -> factor.multiply(rows, to, 9, 1, 0));
            refused("overlaps", () -> factor.multiply(rows, rows.slice(32, 256), 8, 1, 0));
            refused("count must be", () -> factor.multiply(rows, to, -1, 1, 0));
        }
    }

    private static void refused(String part, Runnable call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
