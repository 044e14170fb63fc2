/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import org.bytedeco.javacpp.Pointer;

/** An address in a card's memory, for calls that want a pointer. Never read or freed on the host. */
final class DevicePointer extends Pointer {

    private static final long serialVersionUID = 1L;

    DevicePointer(long address) {
        this.address = address;
    }
}
