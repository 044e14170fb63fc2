/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.MachineContract.typesOf;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Matrix products against loops in double: orders, transposes, gaps, factors, precisions. */
public interface ProductContract extends MachineContract {

    static List<Gemm> products() {
        List<Gemm> products = new ArrayList<>();
        for (MatrixOrder order : MatrixOrder.values()) {
            for (boolean transposeA : new boolean[] {false, true}) {
                for (boolean transposeB : new boolean[] {false, true}) {
                    Gemm plain = Gemm.contiguous(order, transposeA, transposeB, 13, 7, 33);
                    products.add(plain);
                    products.add(plain.withFactors(-0.75f, 0.5f)
                            .withLeading(plain.leadingA() + 3, plain.leadingB() + 1, plain.leadingC() + 2));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 1, 5, 0)
                            .withFactors(1, 0.5f));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 0, 5, 3));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 1, 1, 1));
                }
            }
        }
        return products;
    }

    @ParameterizedTest(name = "{0}, seed 11")
    @MethodSource("org.amend4j.internal.backend.ProductContract#products")
    default void aProductIsItsDefinition(Gemm product) {
        try (Machine machine = open()) {
            for (ElementType type : typesOf(machine)) {
                for (ProductPrecision precision : precisions()) {
                    new DefinedProduct(product.withPrecision(precision), type).check(machine, 11);
                }
            }
        }
    }

    @Test
    default void oldContentsAreNotReadWithoutBeta() {
        try (Machine machine = open()) {
            for (ElementType type : typesOf(machine)) {
                try (MachineArray a = machine.allocate("a", type, 1);
                        MachineArray c = machine.allocate("c", type, 1)) {
                    machine.fill(a, 2);
                    machine.fill(c, Double.NaN);
                    machine.multiply(Gemm.rows(1, 1, 1), a, a, c);
                    assertEquals(4, machine.downloadDoubles(c)[0]);
                }
            }
        }
    }

    /** What is not a number reaches the elements that it is a factor of, and no other. */
    @Test
    default void aNaNIsOneInEveryElementOfItsRow() {
        double nan = Double.NaN;
        try (Machine machine = open()) {
            for (ElementType type : typesOf(machine)) {
                try (Values values = new Values(machine, type, 12)) {
                    MachineArray c = values.fresh(4);
                    machine.multiply(
                            Gemm.rows(2, 2, 2),
                            values.in(new float[] {1, Float.NaN, 2, 3}),
                            values.in(new float[] {1, 0, 0, 1}),
                            c);
                    assertArrayEquals(new double[] {nan, nan, 2, 3}, values.get(c));
                }
            }
        }
    }

    @Test
    default void badShapesAreRefused() {
        try (Machine machine = open();
                MachineArray a = machine.allocate("a", ElementType.FLOAT, 6);
                MachineArray b = machine.allocate("b", ElementType.FLOAT, 6)) {
            refused("matrix A needs 8 floats", () -> machine.multiply(Gemm.rows(2, 1, 4), a, b, b));
            refused("matrix C overlaps A", () -> machine.multiply(Gemm.rows(2, 2, 2), a, b, a.slice(2, 4)));
            refused("matrix C overlaps B", () -> machine.multiply(Gemm.rows(2, 2, 2), a, b, b));
            refused(
                    "leading dimension of B must be >= 3",
                    () -> Gemm.rows(2, 3, 4).withLeading(4, 2, 3));
            refused("k must be >= 0, got -1", () -> Gemm.rows(1, 1, -1));
            refused("alpha must be finite", () -> Gemm.rows(1, 1, 1).withFactors(Float.NaN, 0));
        }
    }

    @Test
    default void matricesOfDifferentTypesAreRefusedAndSoAreThoseNotComputedIn() {
        Gemm product = Gemm.rows(1, 1, 1);
        try (Machine machine = open();
                MachineArray floats = machine.allocate("floats", ElementType.FLOAT, 1);
                MachineArray doubles = machine.allocate("doubles", ElementType.DOUBLE, 1);
                MachineArray c = machine.allocate("c", ElementType.DOUBLE, 1)) {
            refused("matrix B needs 1 floats", () -> machine.multiply(product, floats, doubles, floats));
            refused("matrix C needs 1 floats", () -> machine.multiply(product, floats, floats, doubles));
            if (machine.computesIn(ElementType.DOUBLE)) {
                refused("matrix B needs 1 doubles", () -> machine.multiply(product, doubles, floats, c));
                refused("matrix C needs 1 doubles", () -> machine.multiply(product, doubles, doubles, floats));
            } else {
                refused("multiplies no doubles, got DOUBLE[1]", () -> machine.multiply(product, doubles, doubles, c));
                refused("fills floats, got DOUBLE", () -> machine.fill(doubles, 1));
            }
        }
    }

    @Test
    default void precisionsNotMultipliedInAreRefused() {
        try (Machine machine = open();
                MachineArray a = machine.allocate("a", ElementType.FLOAT, 1);
                MachineArray c = machine.allocate("c", ElementType.FLOAT, 1)) {
            for (ProductPrecision precision : ProductPrecision.values()) {
                Gemm product = Gemm.rows(1, 1, 1).withPrecision(precision);
                if (precisions().contains(precision)) {
                    machine.multiply(product, a, a, c);
                } else {
                    refused(", got " + precision, () -> machine.multiply(product, a, a, c));
                }
            }
        }
    }
}
