/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

/** Memory of a machine: its owner, and where it was allocated. */
final class Allocation {

    private final Machine machine;
    private final String owner;
    private final String site;
    private final long address;
    private final long bytes;
    private boolean freed;

    Allocation(Machine machine, String owner, String site, long address, long bytes) {
        this.machine = machine;
        this.owner = owner;
        this.site = site;
        this.address = address;
        this.bytes = bytes;
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
