/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import org.amend4j.backend.MachineException;
import org.bytedeco.javacpp.Pointer;

/** Memory for the time of a product, used again by the next; a piece for each thread that is making one. */
final class Scratch implements AutoCloseable {

    private static final int ALIGNMENT = 64;

    private final Deque<Piece> idle = new ArrayDeque<>();

    /** A piece of memory; closing gives it back. */
    final class Piece implements AutoCloseable {

        private final Pointer memory;
        private final long bytes;

        private Piece(long bytes) {
            this.memory = Pointer.malloc(bytes + ALIGNMENT);
            this.bytes = bytes;
            if (memory == null || memory.isNull()) {
                throw new MachineException("out of memory: " + bytes + " bytes for the rows of a product");
            }
        }

        long address() {
            return (memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }

        @Override
        public void close() {
            giveBack(this);
        }
    }

    /** At least so many bytes, aligned to 64. */
    synchronized Piece take(long bytes) {
        Piece last = idle.poll();
        if (last != null && last.bytes >= bytes) {
            return last;
        }
        if (last != null) {
            Pointer.free(last.memory);
        }
        return new Piece(bytes);
    }

    private synchronized void giveBack(Piece piece) {
        idle.push(piece);
    }

    @Override
    public synchronized void close() {
        idle.forEach(piece -> Pointer.free(piece.memory));
        idle.clear();
    }
}
