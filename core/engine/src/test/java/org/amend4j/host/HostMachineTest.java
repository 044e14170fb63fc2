/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.Optional;
import org.amend4j.machine.FrozenContract;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MemoryContract;
import org.amend4j.machine.ProductContract;
import org.amend4j.machine.RecordingContract;

/** The host is a machine, with OpenBLAS alone. */
class HostMachineTest implements MemoryContract, ProductContract, FrozenContract, RecordingContract {

    @Override
    public Machine open() {
        return HostMachine.open(2, Optional.empty());
    }
}
