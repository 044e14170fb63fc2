/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

/** What an array on a machine holds. */
public enum ElementType {
    /** IEEE 754 single precision. */
    FLOAT(4, "floats"),
    /** IEEE 754 double precision; the host computes in it, machines do not. */
    DOUBLE(8, "doubles"),
    /** Two's complement, 32 bits. */
    INT(4, "ints"),
    /** The upper half of a single-precision number: 8 significant bits. Factors of products, and rows of some kernels. */
    BFLOAT16(2, "bfloat16 numbers");

    private final int bytes;
    private final String plural;

    ElementType(int bytes, String plural) {
        this.bytes = bytes;
        this.plural = plural;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether kernels compute with it: floats and doubles. */
    public boolean isReal() {
        return this == FLOAT || this == DOUBLE;
    }

    /** What several of them are called. */
    public String plural() {
        return plural;
    }
}
