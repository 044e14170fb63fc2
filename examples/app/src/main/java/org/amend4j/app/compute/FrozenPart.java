/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Optional;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.prefix.Prefix;

/**
 * The frozen layers below everything that trains, ready to be run.
 *
 * @param onHost on the CPU
 * @param onDevice the same on a device, if that is where they are computed
 * @param where that is, for reports; also what is in the way of a plan, or of the device if there is one
 */
public record FrozenPart(HostPrefix onHost, Optional<PlannedPrefix> onDevice, String where) implements AutoCloseable {

    /** What computes them. */
    public Prefix prefix() {
        return onDevice.isPresent() ? onDevice.get() : onHost;
    }

    /** Gives the device's memory back. */
    @Override
    public void close() {
        onDevice.ifPresent(PlannedPrefix::close);
    }
}
