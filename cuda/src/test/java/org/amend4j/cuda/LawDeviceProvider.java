/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import org.amend4j.internal.backend.Machine;
import org.amend4j.testkit.LawMachines;

/** Lets the laws of plans be tried on devices. */
public final class LawDeviceProvider implements LawMachines.Provider {

    @Override
    public Machine plain() {
        return LawDevices.plain();
    }

    @Override
    public Machine checking() {
        return LawDevices.checking();
    }
}
