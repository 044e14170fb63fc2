/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

/** Work that a device has recorded; for devices to implement. */
public interface RecordedWork {

    /**
     * Starts the work, memory checked before.
     *
     * @throws MachineException if the device refuses
     */
    void replay();

    /** Gives back what it takes on the device. */
    void close();
}
