/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

/**
 * Bytes of a device's memory that something touches, each counted once however often it is read or written.
 *
 * @param read at least 0
 * @param written at least 0
 */
public record Traffic(long read, long written) {

    static final Traffic NONE = new Traffic(0, 0);

    public Traffic {
        if (read < 0 || written < 0) {
            throw new IllegalArgumentException("bytes must be >= 0, got " + read + " read and " + written + " written");
        }
    }

    /** Both. */
    public long bytes() {
        return read + written;
    }

    Traffic plus(Traffic other) {
        return new Traffic(read + other.read, written + other.written);
    }
}
