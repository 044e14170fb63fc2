/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;

/** Argument checks of kernel calls. */
public final class Shapes {

    private Shapes() {}

    /** Floats or doubles. */
    public static void requireReals(String what, MachineArray array, long length) {
        if (!array.type().isReal() || array.length() != length) {
            throw new IllegalArgumentException(what + " must be FLOAT or DOUBLE[" + length + "], got " + array);
        }
    }

    /** Floats or doubles, or bfloat16 numbers, for kernels that take these. */
    static void requireNumbers(String what, MachineArray array, long length) {
        if (array.type() != ElementType.BFLOAT16) {
            requireReals(what, array, length);
        } else if (array.length() != length) {
            throw new IllegalArgumentException(what + " must be BFLOAT16[" + length + "], got " + array);
        }
    }

    public static void requireInts(String what, MachineArray array, long length) {
        if (array.type() != ElementType.INT || array.length() != length) {
            throw new IllegalArgumentException(what + " must be INT[" + length + "], got " + array);
        }
    }

    public static void requireAtLeast(String what, MachineArray array, long numbers) {
        if (!array.type().isReal() || array.length() < numbers) {
            throw new IllegalArgumentException(what + " must hold at least " + numbers + " numbers, got " + array);
        }
    }

    /** The same, or bfloat16 numbers, for kernels that write these. */
    static void requireRoom(String what, MachineArray array, long numbers) {
        if (array.type() != ElementType.BFLOAT16) {
            requireAtLeast(what, array, numbers);
        } else if (array.length() < numbers) {
            throw new IllegalArgumentException(what + " must hold at least " + numbers + " numbers, got " + array);
        }
    }

    public static int ceilDiv(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }
}
