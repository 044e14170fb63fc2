/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The types of metadata, each at its number in files. */
enum ValueType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private final int least;

    ValueType(int least) {
        this.least = least;
    }

    static Optional<ValueType> ofNumber(int number) {
        return number >= 0 && number < values().length ? Optional.of(values()[number]) : Optional.empty();
    }

    int number() {
        return Arrays.asList(values()).indexOf(this);
    }

    /** The fewest bytes of a value; all of them for numbers. */
    int least() {
        return least;
    }

    boolean isWhole() {
        return this != STRING && this != ARRAY && this != FLOAT32 && this != FLOAT64 && this != BOOL;
    }

    /** A whole number; one of UINT64 from 2^63 on is negative. */
    long whole(ByteBuffer in, int at) {
        return switch (this) {
            case UINT8 -> in.get(at) & 0xff;
            case INT8 -> in.get(at);
            case UINT16 -> in.getShort(at) & 0xffff;
            case INT16 -> in.getShort(at);
            case UINT32 -> Integer.toUnsignedLong(in.getInt(at));
            case INT32 -> in.getInt(at);
            case UINT64, INT64 -> in.getLong(at);
            default -> throw new IllegalStateException(name());
        };
    }
}
