/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import java.util.Optional;
import org.amend4j.cuda.device.Device;

/**
 * The device that was chosen. The caller closes it.
 *
 * @param device to compute on; empty if that is ND4J on the CPU
 * @param sentence which one it is and why, for people
 */
public record Chosen(Optional<Device> device, String sentence) implements AutoCloseable {

    /** Closes the device, if there is one. */
    @Override
    public void close() {
        device.ifPresent(Device::close);
    }
}
