/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;

/** Memory of a machine: its owner, and where it was allocated. */
final class Allocation {

    private final Machine machine;
    private final String owner;
    private final String site;
    private final long address;
    private final long bytes;
    /** What keeps the memory, if that is not the machine's. */
    private final Optional<Object> keeper;

    private boolean freed;

    Allocation(Machine machine, String owner, String site, long address, long bytes, Optional<Object> keeper) {
        this.machine = machine;
        this.owner = owner;
        this.site = site;
        this.address = address;
        this.bytes = bytes;
        this.keeper = keeper;
    }

    Machine machine() {
        return machine;
    }

    long address() {
        if (freed) {
            throw new IllegalStateException("memory was freed: " + description());
        }
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** Whether somebody else keeps the memory. */
    boolean isForeign() {
        return keeper.isPresent();
    }

    boolean isFreed() {
        return freed;
    }

    void markFreed() {
        freed = true;
    }

    String description() {
        return describe(owner, site, bytes);
    }

    static String describe(String owner, String site, long bytes) {
        return "'" + owner + "' (" + bytes + " bytes, allocated at " + site + ")";
    }
}
