/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;

/** Numbers on a machine in fewer bits than single precision has. They never change. */
public final class StoredNumbers implements AutoCloseable {

    private final WeightStorage storage;
    private final long length;
    private final MachineArray words;
    private final Optional<MachineArray> scales;
    private final Owned owned = new Owned();

    /** Fresh memory for them. */
    StoredNumbers(Machine machine, String owner, long length, WeightStorage storage) {
        this.storage = storage;
        this.length = length;
        long blocks = WeightStorage.blocks(length);
        String what = owner + " in " + storage;
        try {
            this.words = owned.add(
                    storage == WeightStorage.BF16
                            ? machine.allocate(what, ElementType.BFLOAT16, blocks * WeightStorage.BLOCK)
                            : machine.allocate(what, ElementType.INT, blocks * storage.wordsOfBlock()));
            this.scales = storage.isScaled()
                    ? Optional.of(owned.add(machine.allocate(what + ", scales", ElementType.FLOAT, blocks)))
                    : Optional.empty();
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    public WeightStorage storage() {
        return storage;
    }

    /** How many numbers. */
    public long length() {
        return length;
    }

    /**
     * Their codes, block after block: ints, each number from the lowest bits of its block's words on; in BF16 bfloat16 numbers, which are the
     * same bytes.
     */
    public MachineArray words() {
        return words;
    }

    /** A scale for each block, if the storage has them. */
    public Optional<MachineArray> scales() {
        return scales;
    }

    @Override
    public void close() {
        owned.close();
    }

    @Override
    public String toString() {
        return length + " numbers in " + storage;
    }
}
