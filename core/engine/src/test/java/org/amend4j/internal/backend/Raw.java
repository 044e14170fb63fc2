/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.nio.ByteBuffer;

/** A machine's raw work, for tests that put another machine before it. */
public final class Raw {

    private Raw() {}

    public static long allocateBytes(Machine machine, long bytes, String description) {
        return machine.allocateBytes(bytes, description);
    }

    public static void freeBytes(Machine machine, long address, long bytes) {
        machine.freeBytes(address, bytes);
    }

    public static void copyIn(Machine machine, ByteBuffer from, long address, long bytes) {
        machine.copyIn(from, address, bytes);
    }

    public static void copyOut(Machine machine, long address, ByteBuffer to, long bytes) {
        machine.copyOut(address, to, bytes);
    }

    public static void copyWithin(Machine machine, long from, long to, long bytes) {
        machine.copyWithin(from, to, bytes);
    }

    public static void multiplyColumns(Machine machine, PlacedProduct product) {
        machine.multiplyColumns(product);
    }

    public static void await(Machine machine) {
        machine.await();
    }

    public static double measure(Machine machine, Runnable work) {
        return machine.measure(work);
    }

    public static RecordedWork note(Machine machine, Runnable work) {
        return machine.note(work);
    }
}
