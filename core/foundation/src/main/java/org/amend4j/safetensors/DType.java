/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

/** Element types of the format, in the order in which a writer sorts its tensors. */
public enum DType {
    U64(64),
    I64(64),
    F64(64),
    C64(64),
    F32(32),
    U32(32),
    I32(32),
    BF16(16),
    F16(16),
    U16(16),
    I16(16),
    F8_E5M2FNUZ(8),
    F8_E4M3FNUZ(8),
    F8_E8M0(8),
    F8_E4M3(8),
    F8_E5M2(8),
    I8(8),
    U8(8),
    F6_E3M2(6),
    F6_E2M3(6),
    F4(4),
    BOOL(8);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Size of one element in bits. */
    public int bits() {
        return bits;
    }

    /** Whether every value is exactly a {@code float}: F32, F16, BF16. */
    public boolean fitsFloat() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** Whether every value is exactly a {@code double} and can be read here: F64, F32, F16, BF16. */
    public boolean fitsDouble() {
        return this == F64 || fitsFloat();
    }
}
