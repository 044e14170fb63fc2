/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.internal.validation.Checks;

/** Numbers an operation needs besides its inputs. */
public sealed interface Values {

    /** How many. */
    long length();

    /**
     * Numbers that never change.
     *
     * @param owner whose they are, for reports
     * @param content makes a copy of them; called once a machine
     * @param exact makes a copy of them before they are rounded to float
     * @param resident where they are, if they lie in memory in this order
     */
    record Constant(
            String owner, long length, Supplier<float[]> content, Supplier<double[]> exact, Optional<Resident> resident)
            implements Values {

        /** Numbers that are computed. */
        public static Constant computed(String owner, long length, Supplier<double[]> exact) {
            return new Constant(owner, length, () -> rounded(exact.get()), exact, Optional.empty());
        }

        private static float[] rounded(double... numbers) {
            float[] floats = new float[numbers.length];
            for (int k = 0; k < floats.length; k++) {
                floats[k] = (float) numbers[k];
            }
            return floats;
        }
    }

    /** Numbers in the processor's memory, to be read there. They stay as long as this is held. */
    final class Resident {

        private final Object keeper;
        private final long address;
        private final boolean wide;

        /**
         * Numbers that somebody keeps.
         *
         * @param keeper what keeps the memory alive
         * @param wide whether they are doubles, not floats
         */
        Resident(Object keeper, long address, boolean wide) {
            this.keeper = keeper;
            this.address = address;
            this.wide = wide;
        }

        /** What keeps the memory alive. */
        public Object keeper() {
            return keeper;
        }

        public long address() {
            return address;
        }

        /** Whether they are doubles, not floats. */
        public boolean isWide() {
            return wide;
        }
    }

    /**
     * A part of the trained parameter vector, as Deeplearning4j lays it out.
     *
     * @param offset its first element
     */
    record Slice(long offset, long length) implements Values {
        public Slice {
            if (offset < 0) {
                throw new IllegalArgumentException("an offset must be >= 0, got " + offset);
            }
            Checks.atLeast(1, "length", Math.toIntExact(length));
        }
    }
}
