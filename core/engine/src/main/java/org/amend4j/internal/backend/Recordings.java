/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A machine's recordings: the one that is being made, and those that were not closed. */
final class Recordings {

    private final Set<Recording> open = new LinkedHashSet<>();
    /** While work is recorded: the memory that it uses. */
    private Optional<Set<Allocation>> noted = Optional.empty();

    /** @param note has the machine note work, which tells what memory it {@linkplain #uses uses} */
    Recording record(Supplier<RecordedWork> note) {
        Set<Allocation> memory = new LinkedHashSet<>();
        String site = CallSite.ofMachine();
        noted = Optional.of(memory);
        RecordedWork recorded;
        try {
            recorded = note.get();
        } finally {
            noted = Optional.empty();
        }
        Recording recording = new Recording(this, memory, recorded, site);
        open.add(recording);
        return recording;
    }

    /** Whether work is recorded now. */
    boolean isRecording() {
        return noted.isPresent();
    }

    /** Refuses what cannot be recorded, while work is recorded. */
    void checkNotRecording(String what) {
        if (isRecording()) {
            throw new IllegalStateException(
                    what + " cannot be recorded, only kernels, products, copies on the machine and fills can");
        }
    }

    /** Work that may be recorded now uses memory. */
    void uses(Allocation allocation) {
        noted.ifPresent(memory -> memory.add(allocation));
    }

    void forget(Recording recording) {
        open.remove(recording);
    }

    /** Gives everything back, and reports what nobody had closed. */
    void close(Closing closing) {
        for (Recording recording : List.copyOf(open)) {
            closing.forgotten("recordings were not closed", "one made at " + recording.site());
            closing.attempt(recording::giveBack);
        }
        open.clear();
    }
}
