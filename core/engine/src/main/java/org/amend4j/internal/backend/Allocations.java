/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amend4j.backend.ElementType;

/** The memory that a machine has allocated and not freed. Shares of work may allocate and free side by side. */
final class Allocations {

    private final Machine machine;
    private final Set<Allocation> live = new LinkedHashSet<>();

    Allocations(Machine machine) {
        this.machine = machine;
    }

    /** @param briefly whether it is freed soon */
    MachineArray allocate(String owner, ElementType type, long length, boolean briefly) {
        if (owner.isBlank()) {
            throw new IllegalArgumentException("memory needs an owner");
        }
        if (length < 0 || length > Long.MAX_VALUE / 16) {
            throw new IllegalArgumentException(
                    "length must be in [0, 2^59], got " + length + " (owner '" + owner + "')");
        }
        long bytes = length * type.bytes();
        String site = CallSite.ofMachine();
        synchronized (live) {
            String description = Allocation.describe(owner, site, bytes);
            long address = briefly
                    ? machine.allocateBytesBriefly(bytes, description)
                    : machine.allocateBytes(bytes, description);
            Allocation allocation = new Allocation(machine, owner, site, address, bytes, Optional.empty());
            live.add(allocation);
            return new MachineArray(allocation, type, 0, length, false);
        }
    }

    /** Numbers that something else keeps. */
    MachineArray adopt(String owner, ElementType type, long length, long address, Object keeper) {
        Allocation allocation =
                new Allocation(machine, owner, "elsewhere", address, length * type.bytes(), Optional.of(keeper));
        return new MachineArray(allocation, type, 0, length, false);
    }

    void free(MachineArray array) {
        if (array.isView()) {
            throw new IllegalStateException("a view does not own its memory: " + array);
        }
        Allocation allocation = array.allocation();
        long address = allocation.address();
        if (allocation.isForeign()) {
            allocation.markFreed();
            return;
        }
        synchronized (live) {
            allocation.markFreed();
            live.remove(allocation);
            machine.freeBytes(address, allocation.bytes());
        }
    }

    long bytesInUse() {
        synchronized (live) {
            return live.stream().mapToLong(Allocation::bytes).sum();
        }
    }

    /** Frees everything, and reports what nobody had freed. */
    void close(Closing closing) {
        synchronized (live) {
            for (Allocation allocation : List.copyOf(live)) {
                closing.forgotten("allocations were not freed", allocation.description());
                long address = allocation.address();
                allocation.markFreed();
                closing.attempt(() -> machine.freeBytes(address, allocation.bytes()));
            }
            live.clear();
        }
    }
}
