/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Optional;
import org.amend4j.frozen.Prefix;
import org.amend4j.frozen.PrefixProgram;
import org.amend4j.planned.PlannedPrefix;

/**
 * The frozen layers below everything that trains, ready to be run.
 *
 * @param program on the CPU
 * @param onDevice the same on a device, if that is where they are computed
 * @param where that is, for reports; if a device is there that cannot take them, also what is in the way
 */
public record FrozenProgram(PrefixProgram program, Optional<PlannedPrefix> onDevice, String where)
        implements AutoCloseable {

    /** What computes them. */
    public Prefix prefix() {
        return onDevice.isPresent() ? onDevice.get() : program;
    }

    /** Gives the device's memory back. */
    @Override
    public void close() {
        onDevice.ifPresent(PlannedPrefix::close);
    }
}
