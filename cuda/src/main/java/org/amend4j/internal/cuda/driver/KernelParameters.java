/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.nio.LongBuffer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Room for the arguments of a launch, as the driver wants them: an array of the addresses of their values. One is used for all launches
 * of a device, since making JavaCPP's pointers costs more than a launch does, and counts against its limit of memory.
 */
final class KernelParameters implements AutoCloseable {

    /** The most arguments of a kernel, as on the emulated device. */
    static final int MOST = 64;

    /** First the addresses, then the values. */
    private final LongPointer memory = new LongPointer(2 * MOST);

    private final LongBuffer values;
    private final PointerPointer<Pointer> addresses;

    KernelParameters() {
        LongBuffer all = memory.asBuffer();
        for (int i = 0; i < MOST; i++) {
            all.put(i, memory.address() + (long) (MOST + i) * Long.BYTES);
        }
        this.values = all.slice(MOST, MOST);
        this.addresses = new PointerPointer<>(memory);
    }

    /**
     * Takes the next launch's arguments in the place of the last one's.
     *
     * @param arguments 64 bits each; smaller values are in the lowest bits, so on little-endian machines at the address
     */
    PointerPointer<Pointer> of(long... arguments) {
        if (arguments.length > MOST) {
            throw new IllegalArgumentException(
                    "a kernel takes at most " + MOST + " arguments, got " + arguments.length);
        }
        values.put(0, arguments);
        return addresses;
    }

    @Override
    public void close() {
        memory.close();
    }
}
