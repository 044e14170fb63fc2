/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.driver;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Arguments as the driver wants them: an array of the addresses of their values. */
final class KernelParameters implements AutoCloseable {

    private final LongPointer values;
    private final PointerPointer<Pointer> addresses;

    /** Takes 64 bits for each argument; smaller values are in the lowest bits, so on little-endian machines at the address. */
    KernelParameters(long[] arguments) {
        values = new LongPointer(arguments);
        addresses = new PointerPointer<>(arguments.length);
        for (int i = 0; i < arguments.length; i++) {
            addresses.put(i, new DevicePointer(values.address() + (long) i * Long.BYTES));
        }
    }

    PointerPointer<Pointer> addresses() {
        return addresses;
    }

    @Override
    public void close() {
        addresses.close();
        values.close();
    }
}
