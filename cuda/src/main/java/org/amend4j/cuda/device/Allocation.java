/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

/** Memory of a device: its owner, and where it was allocated. */
final class Allocation {

    private final Device device;
    private final String owner;
    private final String site;
    private final long address;
    private final long bytes;
    private boolean freed;

    Allocation(Device device, String owner, String site, long address, long bytes) {
        this.device = device;
        this.owner = owner;
        this.site = site;
        this.address = address;
        this.bytes = bytes;
    }

    Device device() {
        return device;
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
