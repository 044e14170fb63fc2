/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.FrozenContract;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MemoryContract;
import org.amend4j.internal.backend.ProductContract;
import org.amend4j.internal.backend.RecordingContract;

/** The host is a machine, with OpenBLAS alone. */
class HostMachineTest implements MemoryContract, ProductContract, FrozenContract, RecordingContract {

    @Override
    public Machine open() {
        return HostMachine.open(2, Optional.empty());
    }
}
