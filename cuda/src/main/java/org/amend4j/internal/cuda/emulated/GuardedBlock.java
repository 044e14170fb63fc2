/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

/**
 * Memory between guard words.
 *
 * @param guard bytes of guard words on each side
 * @param description owner and place
 */
record GuardedBlock(long address, long bytes, long guard, String description) {

    private static final long LEAST_GUARD = 1 << 10;
    private static final long MOST_GUARD = 64 << 10;

    /** As much guard as memory, within limits: a wrong stride goes further in a larger array. */
    static long guardFor(long bytes) {
        long wanted = Math.max(LEAST_GUARD, Math.min(bytes, MOST_GUARD));
        return (wanted + 255) / 256 * 256;
    }

    boolean holds(long pointer) {
        return pointer >= address && pointer <= address + bytes;
    }

    /** Where guard words were overwritten, in words; empty if nowhere. */
    String damage() {
        long place = HostLibrary.damage(address, bytes, guard);
        if (place == HostLibrary.INTACT) {
            return "";
        }
        return place < 0
                ? -place + " bytes before the start of " + description
                : (place - bytes) + " bytes behind the end of " + description;
    }
}
