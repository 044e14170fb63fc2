/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;

/**
 * A product whose matrices were checked.
 *
 * @param factors what A and B hold
 * @param result what C holds
 * @param a address of A
 * @param b address of B
 * @param c address of C
 */
public record PlacedProduct(Gemm product, ElementType factors, ElementType result, long a, long b, long c) {

    /**
     * Checks the matrices of a product.
     *
     * @throws IllegalArgumentException if an array is of another type or too short, or C overlaps a factor
     */
    public static PlacedProduct of(Machine machine, Gemm product, MachineArray a, MachineArray b, MachineArray c) {
        ElementType factors = factorType(machine, product, a);
        ElementType result = resultType(factors, c);
        if (!machine.precisions().contains(product.precision())) {
            throw new IllegalArgumentException("the precision of products on " + machine.name() + " must be one of "
                    + machine.precisions() + ", got " + product.precision());
        }
        PlacedProduct placed = new PlacedProduct(
                product,
                factors,
                result,
                address(machine, "A", a, factors, product.extentA()),
                address(machine, "B", b, factors, product.extentB()),
                address(machine, "C", c, result, product.extentC()));
        if (!placed.isEmpty()) {
            long bytesC = product.extentC() * result.bytes();
            if (!placed.isBeside(result)) {
                checkDisjoint("A", placed.a, product.extentA() * factors.bytes(), placed.c, bytesC);
            }
            checkDisjoint("B", placed.b, product.extentB() * factors.bytes(), placed.c, bytesC);
        }
        return placed;
    }

    private static ElementType factorType(Machine machine, Gemm product, MachineArray a) {
        if (a.type() == ElementType.DOUBLE) {
            if (!machine.computesIn(ElementType.DOUBLE)) {
                throw new IllegalArgumentException(
                        "the machine " + machine.name() + " multiplies no doubles, got " + a);
            }
            return ElementType.DOUBLE;
        }
        if (a.type() != ElementType.BFLOAT16) {
            return ElementType.FLOAT;
        }
        if (product.precision() != ProductPrecision.BF16) {
            throw new IllegalArgumentException(
                    "a product of bfloat16 numbers must be in precision BF16, got " + product.precision());
        }
        return ElementType.BFLOAT16;
    }

    private static ElementType resultType(ElementType factors, MachineArray c) {
        return switch (factors) {
            case DOUBLE -> ElementType.DOUBLE;
            case BFLOAT16 -> c.type() == ElementType.BFLOAT16 ? ElementType.BFLOAT16 : ElementType.FLOAT;
            case FLOAT, INT -> ElementType.FLOAT;
        };
    }

    private static long address(Machine machine, String matrix, MachineArray array, ElementType type, long extent) {
        if (array.type() != type || array.length() < extent) {
            throw new IllegalArgumentException(
                    "matrix " + matrix + " needs " + extent + " " + type.plural() + ", got " + array);
        }
        return machine.addressOf(array);
    }

    /** Whether C's columns lie behind A's in the same rows. */
    private boolean isBeside(ElementType result) {
        return product.order() == MatrixOrder.ROWS
                && !product.transposeA()
                && product.leadingA() == product.leadingC()
                && result == factors
                && c >= a + (long) product.k() * factors.bytes()
                && c + (long) product.n() * factors.bytes() <= a + (long) product.leadingA() * factors.bytes();
    }

    private static void checkDisjoint(String factor, long address, long bytes, long addressC, long bytesC) {
        if (address < addressC + bytesC && addressC < address + bytes) {
            throw new IllegalArgumentException("matrix C overlaps " + factor);
        }
    }

    /** Whether there is nothing to compute. */
    boolean isEmpty() {
        return product.m() == 0 || product.n() == 0;
    }

    /** The same in order COLUMNS, for machines that know no other. */
    public PlacedProduct inColumns() {
        return product.order() == MatrixOrder.COLUMNS
                ? this
                : new PlacedProduct(product.inColumns(), factors, result, b, a, c);
    }
}
