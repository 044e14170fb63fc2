/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;

/** Addresses as native functions take them. Nothing owns what is behind them. */
final class RawPointers {

    private RawPointers() {}

    static FloatPointer floats(long address) {
        return new Floats(address);
    }

    static DoublePointer doubles(long address) {
        return new Doubles(address);
    }

    private static final class Floats extends FloatPointer {
        Floats(long address) {
            this.address = address;
        }
    }

    private static final class Doubles extends DoublePointer {
        Doubles(long address) {
            this.address = address;
        }
    }
}
