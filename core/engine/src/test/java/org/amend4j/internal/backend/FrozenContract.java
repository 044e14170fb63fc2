/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.MachineContract.refused;
import static org.amend4j.internal.backend.MachineContract.typesOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with frozen matrices against loops in double: both orientations, all precisions, few rows and many. */
public interface FrozenContract extends MachineContract {

    /** The last five are divided into blocks of columns by machines that do so. */
    @ParameterizedTest(name = "{0} of at most {1} rows x [{2}, {3}], seed 5")
    @CsvSource({
        "1, 1, 3, 2",
        "13, 40, 17, 31",
        "700, 700, 24, 33",
        "5, 5, 129, 600",
        "33, 64, 96, 515",
        "8, 8, 16, 257",
        "20, 30, 33, 513",
        "5, 9, 7, 1025"
    })
    default void aFrozenProductIsItsDefinition(int rows, int most, int inner, int columns) {
        try (Machine machine = open()) {
            for (ElementType type : typesOf(machine)) {
                for (ProductPrecision precision : machine.frozenPrecisions()) {
                    for (boolean transposed : new boolean[] {false, true}) {
                        Gemm product = Gemm.contiguous(MatrixOrder.ROWS, false, transposed, rows, columns, inner)
                                .withPrecision(precision);
                        for (Gemm each : List.of(product, product.withFactors(1, 1), product.withFactors(-0.5, 0.25))) {
                            new DefinedProduct(each, type).checkFrozen(machine, most, 5);
                        }
                    }
                }
            }
        }
    }

    /** Threads that make products with one matrix at the same time do not disturb each other. */
    @Test
    default void sharesOfAFrozenProductSideBySideHaveTheBytesOfSharesAlone() {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 7)) {
            int shares = machine.width();
            MachineArray rows = values.in(values.normal(shares * 64 * 192));
            MachineArray stored = values.in(values.normal(192 * 80));
            for (ProductPrecision precision : machine.frozenPrecisions()) {
                FrozenMatrix matrix = new FrozenMatrix(stored, 192, 80, true, 64, precision);
                try (FrozenFactor factor = machine.freeze("test", matrix)) {
                    MachineArray alone = values.fresh(shares * 64L * 80);
                    MachineArray beside = values.fresh(shares * 64L * 80);
                    IntStream.range(0, shares).forEach(share -> multiplyShare(factor, rows, alone, share));
                    for (int round = 0; round < 20; round++) {
                        machine.fill(beside, 0);
                        machine.sideBySide(shares, share -> multiplyShare(factor, rows, beside, share));
                        assertArrayEquals(machine.downloadFloats(alone), machine.downloadFloats(beside));
                    }
                }
            }
        }
    }

    private static void multiplyShare(FrozenFactor factor, MachineArray rows, MachineArray to, int share) {
        factor.multiply(rows.slice(share * 64L * 192, 64 * 192), to.slice(share * 64L * 80, 64 * 80), 64, 1, 0);
    }

    @Test
    default void aNaNStaysInItsRow() {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 8)) {
            float[] content = values.normal(3 * 64);
            content[64] = Float.NaN;
            MachineArray rows = values.in(content);
            MachineArray stored = values.in(values.normal(64 * 64));
            for (ProductPrecision precision : machine.frozenPrecisions()) {
                try (FrozenFactor factor =
                        machine.freeze("test", new FrozenMatrix(stored, 64, 64, true, 3, precision))) {
                    MachineArray to = values.fresh(3 * 64);
                    machine.fill(to, Double.NaN); // not read with beta = 0
                    factor.multiply(rows, to, 3, 1, 0);
                    double[] got = machine.downloadDoubles(to);
                    for (int k = 0; k < got.length; k++) {
                        assertEquals(k / 64 == 1, Double.isNaN(got[k]), precision + ", element " + k);
                    }
                }
            }
        }
    }

    @Test
    default void aRecordedFrozenProductIsTheSame() {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 9)) {
            MachineArray rows = values.in(values.normal(8 * 64));
            FrozenMatrix matrix =
                    new FrozenMatrix(values.in(values.normal(64 * 32)), 64, 32, false, 8, ProductPrecision.FP32);
            try (FrozenFactor factor = machine.freeze("test", matrix)) {
                MachineArray now = values.fresh(8 * 32);
                MachineArray replayed = values.fresh(8 * 32);
                factor.multiply(rows, now, 8, 1, 0);
                try (Recording recording = machine.record(() -> factor.multiply(rows, replayed, 8, 1, 0))) {
                    recording.replay();
                }
                assertArrayEquals(machine.downloadFloats(now), machine.downloadFloats(replayed));
            }
        }
    }

    /** A small one, one that may be packed, and a large one for few rows, which may be turned. */
    @ParameterizedTest(name = "[{0}, {1}], transposed: {2}")
    @CsvSource({"7, 3, false", "96, 80, true", "512, 600, false"})
    default void closingAFrozenMatrixTwiceIsClosingItOnce(int inner, int columns, boolean transposed) {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 11)) {
            MachineArray stored = values.fresh((long) inner * columns);
            machine.fill(stored, 1);
            long before = machine.bytesInUse();
            FrozenFactor factor = machine.freeze(
                    "test", new FrozenMatrix(stored, inner, columns, transposed, 8, ProductPrecision.FP32));
            factor.close();
            factor.close();
            assertEquals(before, machine.bytesInUse());
        }
    }

    @Test
    default void whatDoesNotFitAFrozenMatrixIsRefusedAndItsMemoryIsGivenBack() {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 10)) {
            MachineArray stored = values.in(values.normal(32 * 32));
            MachineArray rows = values.in(values.normal(64 * 32));
            refused("has 2048 numbers", () -> new FrozenMatrix(stored, 32, 64, false, 8, ProductPrecision.FP32));
            refused("rows must be >= 1", () -> new FrozenMatrix(stored, 32, 32, false, 0, ProductPrecision.FP32));
            MachineArray to = values.fresh(256);
            long before = machine.bytesInUse();
            try (FrozenFactor factor =
                    machine.freeze("test", new FrozenMatrix(stored, 32, 32, false, 8, ProductPrecision.FP32))) {
                refused("needs 288 floats", () -> factor.multiply(rows, to, 9, 1, 0));
                refused("overlaps", () -> factor.multiply(rows, rows.slice(32, 256), 8, 1, 0));
                assertTrue(machine.bytesInUse() >= before);
            }
            assertEquals(before, machine.bytesInUse());
            for (ProductPrecision precision : ProductPrecision.values()) {
                if (!machine.frozenPrecisions().contains(precision)) {
                    FrozenMatrix matrix = new FrozenMatrix(stored, 32, 32, false, 8, precision);
                    refused("the precision of products with frozen matrices", () -> machine.freeze("test", matrix));
                }
            }
        }
    }
}
