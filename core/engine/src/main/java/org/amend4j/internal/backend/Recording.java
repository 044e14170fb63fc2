/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Set;
import org.amend4j.backend.MachineException;

/**
 * Work on a machine that can be done again and again with one call: the same operations on the same memory, with its
 * contents at that time. The memory must live as long as the recording is replayed.
 */
public final class Recording implements AutoCloseable {

    private final Recordings all;
    private final Set<Allocation> memory;
    private final RecordedWork work;
    private final String site;
    private boolean closed;

    Recording(Recordings all, Set<Allocation> memory, RecordedWork work, String site) {
        this.all = all;
        this.memory = memory;
        this.work = work;
        this.site = site;
    }

    /**
     * Does the work, in its place in the order of all work on the machine.
     *
     * @throws IllegalStateException if the recording was closed, or memory that it uses was freed
     * @throws MachineException if the machine refuses
     */
    public void replay() {
        checkOpen();
        all.checkNotRecording("a replay");
        for (Allocation allocation : memory) {
            if (allocation.isFreed()) {
                throw new IllegalStateException(
                        "the recording at " + site + " uses memory that was freed: " + allocation.description());
            }
        }
        work.replay();
    }

    /**
     * Gives the recording back; memory stays its owner's.
     *
     * @throws IllegalStateException if it was closed before
     */
    @Override
    public void close() {
        checkOpen();
        all.checkNotRecording("the end of a recording");
        all.forget(this);
        giveBack();
    }

    void giveBack() {
        closed = true;
        work.close();
    }

    /** Where it was made. */
    String site() {
        return site;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the recording at " + site + " was closed");
        }
    }
}
