/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import org.amend4j.internal.backend.MachineArray;

/** What a kernel is called with. */
public sealed interface Argument {

    /** An array that the kernel only reads. */
    record In(MachineArray array) implements Argument {}

    /** An array that the kernel writes, or reads and writes. */
    record Out(MachineArray array) implements Argument {}

    /** No array: the null pointer, where a kernel allows it. */
    record Absent() implements Argument {}

    record IntValue(int value) implements Argument {}

    record LongValue(long value) implements Argument {}

    record FloatValue(float value) implements Argument {}

    static Argument in(MachineArray array) {
        return new In(array);
    }

    static Argument out(MachineArray array) {
        return new Out(array);
    }

    static Argument absent() {
        return new Absent();
    }

    static Argument integer(int value) {
        return new IntValue(value);
    }

    static Argument count(long value) {
        return new LongValue(value);
    }

    static Argument real(float value) {
        return new FloatValue(value);
    }
}
