/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.backend.ElementType;

/**
 * An epilogue whose arrays were checked.
 *
 * @param vector address of the bias that is added or of the sums that are written; 0 if there is none
 * @param mask address of the mask; 0 if there is none
 */
public record PlacedEpilogue(Epilogue epilogue, long vector, long mask) {

    /**
     * Checks the arrays of an epilogue.
     *
     * @throws IllegalArgumentException if an array is of another type or length than C wants, or overlaps it
     */
    public static PlacedEpilogue of(Machine machine, Gemm product, MachineArray c, Epilogue epilogue) {
        long vector = vectorOf(epilogue)
                .map(array -> vector(machine, epilogue, array, product, c))
                .orElse(0L);
        long mask =
                maskOf(epilogue).map(signs -> mask(machine, signs, product, c)).orElse(0L);
        return new PlacedEpilogue(epilogue, vector, mask);
    }

    private static Optional<MachineArray> vectorOf(Epilogue epilogue) {
        return epilogue instanceof Epilogue.Bias of
                ? Optional.of(of.bias())
                : epilogue instanceof Epilogue.BiasRectifier of
                        ? Optional.of(of.bias())
                        : ((Epilogue.RectifierGradient) epilogue).sums();
    }

    private static Optional<SignMask> maskOf(Epilogue epilogue) {
        return epilogue instanceof Epilogue.BiasRectifier of
                ? of.positive()
                : epilogue instanceof Epilogue.RectifierGradient of ? Optional.of(of.positive()) : Optional.empty();
    }

    private static long vector(Machine machine, Epilogue epilogue, MachineArray vector, Gemm product, MachineArray c) {
        boolean summed = epilogue instanceof Epilogue.RectifierGradient;
        String what = summed ? "the sums" : "the bias";
        ElementType type = summed ? ElementType.FLOAT : c.type();
        if (vector.type() != type || vector.length() != product.n()) {
            throw new IllegalArgumentException(
                    what + " of an epilogue must be " + type + "[" + product.n() + "], got " + vector);
        }
        return disjoint(machine, what, vector, product, c);
    }

    private static long mask(Machine machine, SignMask mask, Gemm product, MachineArray c) {
        if (mask.rows() != product.m() || mask.columns() != product.n()) {
            throw new IllegalArgumentException("the mask of an epilogue must be [" + product.m() + ", " + product.n()
                    + "], got [" + mask.rows() + ", " + mask.columns() + "]");
        }
        return disjoint(machine, "the mask", mask.words(), product, c);
    }

    private static long disjoint(Machine machine, String what, MachineArray array, Gemm product, MachineArray c) {
        long address = machine.addressOf(array);
        long from = machine.addressOf(c);
        long to = from + product.extentC() * c.type().bytes();
        if (address < to && from < address + array.bytes()) {
            throw new IllegalArgumentException("matrix C overlaps " + what + " of its epilogue");
        }
        return address;
    }

    /** Where the sums of columns are wanted. */
    public Optional<MachineArray> sums() {
        return epilogue instanceof Epilogue.RectifierGradient of ? of.sums() : Optional.empty();
    }

    /** Whether it reads or writes a mask. */
    public boolean hasMask() {
        return maskOf(epilogue).isPresent();
    }
}
