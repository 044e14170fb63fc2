/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * Inverted dropout by key (dropout.cu): whether an element is dropped is a function of a key, a stream, its row and its column, so
 * that a mask is computed again instead of being kept, and is the same on every machine and however rows are divided.
 *
 * <p>With m the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), G = 0x9E3779B97F4A7C15, and a and b the lower and upper half
 * of m(m(key + (stream + 1)·G) + (row + 1)·G): an element is dropped if the upper 31 bits of l(l(a + column·0x9E3779B9) ^ b) are below p·2³¹,
 * where l is the 32-bit mixer with the multipliers 0x7feb352d and 0x846ca68b. Not for cryptography.
 */
public abstract class DropoutKernels {

    /** Ints of a key. */
    public static final int KEY_LENGTH = 2;

    /**
     * Which elements are dropped.
     *
     * @param key its lower and upper 32 bits, INT[2]; read when the work is done, also when a recording is replayed
     * @param stream which of the key's masks; independent of the others
     * @param firstRow what the first row counts as, at least 0
     * @param probability p with which an element is dropped, in [0, 1); realised up to 2⁻³²
     */
    public record Mask(MachineArray key, long stream, long firstRow, double probability) {
        public Mask {
            Shapes.requireInts("key", key, KEY_LENGTH);
            if (firstRow < 0) {
                throw new IllegalArgumentException("first row must be >= 0, got " + firstRow);
            }
            Checks.belowOne("probability", probability);
        }

        /** Upper 31 bits below this are dropped. */
        public int threshold() {
            return (int) Math.min(Integer.MAX_VALUE, Math.round(probability * 0x1p31));
        }

        /** What is kept is multiplied with this. */
        public double factor() {
            return 1 / (1 - probability);
        }
    }

    /**
     * Changes a key after all work before, without waiting for it.
     *
     * @param key INT[2], overwritten
     */
    public final void setKey(MachineArray key, long value) {
        Shapes.requireInts("key", key, KEY_LENGTH);
        computeSetKey(key, (int) value, (int) (value >>> 32));
    }

    protected abstract void computeSetKey(MachineArray key, int lower, int upper);

    /** to = x/(1 − p) where it is kept, else 0; {@code to} may be x. It is its own gradient, with the same mask. */
    public final void drop(MatrixView x, Mask mask, MatrixView to) {
        check(x, to);
        if (!x.isEmpty()) {
            computeDrop(x, mask, to, false);
        }
    }

    /** to += x/(1 − p) where that is kept. */
    public final void addDropped(MatrixView x, Mask mask, MatrixView to) {
        check(x, to);
        if (!x.isEmpty()) {
            computeDrop(x, mask, to, true);
        }
    }

    private static void check(MatrixView x, MatrixView to) {
        to.requireShape("to", x.rows(), x.columns());
        Shapes.requireReals("to", to.array(), to.array().length());
        if (x.array().type() != to.array().type()) {
            throw new IllegalArgumentException("x and to must be of one type, got " + x.array() + " and " + to.array());
        }
    }

    protected abstract void computeDrop(MatrixView x, Mask mask, MatrixView to, boolean add);
}
