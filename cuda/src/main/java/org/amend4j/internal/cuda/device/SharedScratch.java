/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;

/**
 * Memory that products of a device take turns with: its work has one order, so what one has multiplied the next may overwrite. It is there
 * as long as somebody has a share of it.
 */
final class SharedScratch {

    private final Device device;
    private final String owner;
    private final ElementType type;
    /** What the next share is of, if it is large enough. */
    private Optional<Block> latest = Optional.empty();

    SharedScratch(Device device, String owner, ElementType type) {
        this.device = device;
        this.owner = owner;
        this.type = type;
    }

    /** At least so many numbers. Memory of shares before stays where it is, since work with it may be recorded. */
    Share take(long length) {
        Block block = latest.filter(there -> there.shares > 0 && there.array.length() >= length)
                .orElseGet(() -> new Block(device.allocate(owner, type, length)));
        latest = Optional.of(block);
        block.shares++;
        return new Share(block);
    }

    private static final class Block {

        private final MachineArray array;
        private int shares;

        Block(MachineArray array) {
            this.array = array;
        }
    }

    /** A share, given back once. */
    static final class Share implements AutoCloseable {

        private final Block block;
        private boolean closed;

        private Share(Block block) {
            this.block = block;
        }

        /** The first numbers. */
        MachineArray first(long length) {
            return block.array.slice(0, length);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                if (--block.shares == 0) {
                    block.array.close();
                }
            }
        }
    }
}
