/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

/**
 * A parameter of a kernel.
 *
 * @param name its name in the source
 */
public record Parameter(Kind kind, String name) {

    /** The types that parameters have. */
    public enum Kind {
        FLOATS_READ("const float *"),
        FLOATS_WRITTEN("float *"),
        INTS_READ("const int *"),
        INTS_WRITTEN("int *"),
        HALVES_READ("const unsigned short *"),
        HALVES_WRITTEN("unsigned short *"),
        INT("int"),
        LONG("long long"),
        FLOAT("float");

        private final String spelling;

        Kind(String spelling) {
            this.spelling = spelling;
        }

        /** The type as the source has it. */
        public String spelling() {
            return spelling;
        }

        /** Whether it is an array. */
        public boolean isPointer() {
            return spelling.endsWith("*");
        }

        /** Whether the kernel may write behind the pointer. */
        public boolean isWritten() {
            return this == FLOATS_WRITTEN || this == INTS_WRITTEN || this == HALVES_WRITTEN;
        }
    }
}
