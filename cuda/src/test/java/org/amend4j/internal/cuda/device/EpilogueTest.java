/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import org.amend4j.cuda.LawDevices;
import org.amend4j.internal.backend.EpilogueContract;
import org.amend4j.internal.backend.Machine;

/** Products with epilogues on devices. */
class EpilogueTest implements EpilogueContract {

    @Override
    public Machine open() {
        return LawDevices.plain();
    }
}
