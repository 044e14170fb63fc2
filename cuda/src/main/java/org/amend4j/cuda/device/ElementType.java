package org.amend4j.cuda.device;

/** What an array on a device holds. */
public enum ElementType {
    /** IEEE 754 single precision. */
    FLOAT(4),
    /** Two's complement, 32 bits. */
    INT(4);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }
}
