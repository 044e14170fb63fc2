/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.MachineException;

/** Work that a machine has recorded; for machines to implement. */
public interface RecordedWork {

    /**
     * Starts the work, memory checked before.
     *
     * @throws MachineException if the machine refuses
     */
    void replay();

    /** Gives back what it takes on the machine. */
    void close();
}
