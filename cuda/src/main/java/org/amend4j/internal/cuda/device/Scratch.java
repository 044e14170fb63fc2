/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;

/**
 * Memory of a device's own, for what one kernel leaves to the next. It grows, but outside of recordings only; what it was before stays until
 * the device is closed, since recordings may use it: at most as much again. And counters, which are as they were whenever a kernel ends.
 */
final class Scratch {

    private static final long LEAST = 1L << 14;
    private static final int COUNTERS = 1 << 12;

    private final Device device;
    private final List<Kept> kept = new ArrayList<>();
    private Optional<Kept> counters = Optional.empty();

    /** Memory that is freed with the device. */
    record Kept(MachineArray array, long address) {}

    Scratch(Device device) {
        this.device = device;
    }

    /** At least so many floats, contents undefined. */
    MachineArray floats(long length) {
        long most = kept.isEmpty() ? 0 : last().length();
        if (most < length || kept.isEmpty()) {
            kept.add(device.keep(ElementType.FLOAT, Math.max(length, Math.max(LEAST, 2 * most))));
        }
        return last();
    }

    /** Zeros. */
    MachineArray counters() {
        if (counters.isEmpty()) {
            Kept made = device.keep(ElementType.INT, COUNTERS);
            counters = Optional.of(made);
            device.fillWords(made.address(), 0, COUNTERS);
        }
        return counters.get().array();
    }

    private MachineArray last() {
        return kept.get(kept.size() - 1).array();
    }

    void free() {
        try (Owned owned = new Owned()) {
            kept.forEach(each -> owned.add(() -> device.giveBack(each)));
            counters.ifPresent(each -> owned.add(() -> device.giveBack(each)));
            kept.clear();
            counters = Optional.empty();
        }
    }
}
