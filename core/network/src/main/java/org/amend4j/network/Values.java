/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

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
     * @param content makes a copy of them; called once a device
     * @param exact makes a copy of them before they are rounded to float
     */
    record Constant(String owner, long length, Supplier<float[]> content, Supplier<double[]> exact) implements Values {

        /** Numbers that are floats from the start. */
        public Constant(String owner, long length, Supplier<float[]> content) {
            this(owner, length, content, () -> widened(content.get()));
        }

        private static double[] widened(float[] numbers) {
            double[] wide = new double[numbers.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = numbers[i];
            }
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
