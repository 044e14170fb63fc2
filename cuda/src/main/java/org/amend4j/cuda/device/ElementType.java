/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

/** What an array on a device holds. */
public enum ElementType {
    /** IEEE 754 single precision. */
    FLOAT(4),
    /** Two's complement, 32 bits. */
    INT(4),
    /** The upper half of a single-precision number: 8 significant bits. Factors of products only; no kernel takes it. */
    BFLOAT16(2);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }
}
