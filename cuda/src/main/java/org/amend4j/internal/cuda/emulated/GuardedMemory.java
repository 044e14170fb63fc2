/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.util.Map;
import java.util.TreeMap;
import org.amend4j.backend.MachineException;

/** All memory of an emulated device. */
final class GuardedMemory {

    private final TreeMap<Long, GuardedBlock> blocks = new TreeMap<>();

    long allocate(long bytes, String description) {
        long guard = GuardedBlock.guardFor(bytes);
        long address = HostLibrary.allocate(bytes, guard);
        if (address == 0) {
            throw new MachineException("not enough memory for " + description);
        }
        blocks.put(address, new GuardedBlock(address, bytes, guard, description));
        return address;
    }

    void free(long address) {
        GuardedBlock block = blocks.remove(address);
        if (block == null) {
            throw new IllegalStateException("no memory at " + address);
        }
        String damage = block.damage();
        HostLibrary.free(address, block.bytes(), block.guard());
        if (!damage.isEmpty()) {
            throw new MachineException("something wrote " + damage);
        }
    }

    /** The block that a pointer points into, or just behind. */
    GuardedBlock at(long pointer) {
        Map.Entry<Long, GuardedBlock> entry = blocks.floorEntry(pointer);
        if (entry == null || !entry.getValue().holds(pointer)) {
            throw new IllegalStateException("no memory at " + pointer);
        }
        return entry.getValue();
    }

    /**
     * Looks at all guard words.
     *
     * @param culprit who ran last
     * @throws MachineException if some were overwritten
     */
    void check(String culprit) {
        for (GuardedBlock block : blocks.values()) {
            String damage = block.damage();
            if (!damage.isEmpty()) {
                throw new MachineException(culprit + " wrote " + damage);
            }
        }
    }
}
