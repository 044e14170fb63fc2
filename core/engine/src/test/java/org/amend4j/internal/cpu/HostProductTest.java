/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products divided among threads. */
class HostProductTest {

    private static final int ODD = 3;

    static Stream<Arguments> products() {
        return Stream.of(MatrixOrder.values())
                .flatMap(order -> Stream.of(false, true)
                        .flatMap(a -> Stream.of(false, true)
                                .flatMap(b -> Stream.of(
                                        Arguments.of(Gemm.contiguous(order, a, b, 301, 77, 200)),
                                        Arguments.of(Gemm.contiguous(order, a, b, 33, 515, 128))))));
    }

    /** With gaps behind rows, and something of the old C. Both sum k terms in floats. */
    @ParameterizedTest
    @MethodSource("products")
    void piecesAreTheWhole(Gemm plain) {
        Gemm product = plain.withLeading(plain.leadingA() + ODD, plain.leadingB() + ODD, plain.leadingC() + ODD)
                .withFactors(0.5, 2);
        Random random = new Random(7);
        try (HostMachine machine = HostMachine.open(3);
                MachineArray a = machine.allocate("a", normal(random, product.extentA()));
                MachineArray b = machine.allocate("b", normal(random, product.extentB()));
                MachineArray whole = machine.allocate("whole", normal(random, product.extentC()));
                MachineArray divided = machine.allocate("divided", ElementType.FLOAT, whole.length())) {
            machine.copy(whole, divided);
            machine.multiply(product, a, b, whole);
            machine.dividingProducts(() -> machine.multiply(product, a, b, divided));
            double tolerance = 0.5 * product.k() * 0x1p-24 * product.k();
            assertArrayEquals(machine.downloadDoubles(whole), machine.downloadDoubles(divided), tolerance);
        }
    }

    @Test
    void aRecordedDividedProductIsTheSameProduct() {
        Gemm product = Gemm.rows(256, 256, 128);
        Random random = new Random(8);
        try (HostMachine machine = HostMachine.open(2);
                MachineArray a = machine.allocate("a", normal(random, product.extentA()));
                MachineArray b = machine.allocate("b", normal(random, product.extentB()));
                MachineArray first = machine.allocate("first", ElementType.FLOAT, product.extentC());
                MachineArray second = machine.allocate("second", ElementType.FLOAT, product.extentC());
                Recording recording =
                        machine.record(() -> machine.dividingProducts(() -> machine.multiply(product, a, b, second)))) {
            machine.dividingProducts(() -> machine.multiply(product, a, b, first));
            recording.replay();
            assertArrayEquals(machine.downloadFloats(first), machine.downloadFloats(second), 0);
        }
    }

    @Test
    void smallProductsAreNotDividedAndPiecesCoverEverything() {
        assertEquals(1, product(64, 64, 64).pieces(8));
        HostProduct large = product(1000, 8, 1000);
        int pieces = large.pieces(8);
        assertEquals(8, pieces);
        int lines = 0;
        for (int piece = 0; piece < pieces; piece++) {
            lines += large.piece(piece, pieces).product().m();
        }
        assertEquals(1000, lines);
    }

    private static HostProduct product(int m, int n, int k) {
        Gemm product = Gemm.contiguous(MatrixOrder.COLUMNS, false, false, m, n, k);
        return new HostProduct(product, ElementType.FLOAT, 0, 0, 0);
    }

    private static float[] normal(Random random, long length) {
        float[] values = new float[Math.toIntExact(length)];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }
}
