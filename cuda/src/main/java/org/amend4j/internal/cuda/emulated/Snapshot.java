/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.util.ArrayList;
import java.util.List;

/** Copies of some blocks, so that a kernel can be run again from the same memory. */
final class Snapshot implements AutoCloseable {

    private final List<GuardedBlock> blocks;
    private final List<Long> copies = new ArrayList<>();

    Snapshot(List<GuardedBlock> blocks) {
        this.blocks = blocks;
        for (GuardedBlock block : blocks) {
            long copy = HostLibrary.allocate(block.bytes(), 0);
            HostLibrary.copy(block.address(), copy, block.bytes());
            copies.add(copy);
        }
    }

    void restore() {
        for (int i = 0; i < copies.size(); i++) {
            HostLibrary.copy(
                    copies.get(i), blocks.get(i).address(), blocks.get(i).bytes());
        }
    }

    /** The first byte that is not as it was, with the block's name; empty if none. */
    String difference() {
        for (int i = 0; i < copies.size(); i++) {
            GuardedBlock block = blocks.get(i);
            long place = HostLibrary.difference(copies.get(i), block.address(), block.bytes());
            if (place >= 0) {
                return "byte " + place + " of " + block.description();
            }
        }
        return "";
    }

    @Override
    public void close() {
        for (int i = 0; i < copies.size(); i++) {
            HostLibrary.free(copies.get(i), blocks.get(i).bytes(), 0);
        }
    }
}
