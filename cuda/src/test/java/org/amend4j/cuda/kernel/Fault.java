/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amend4j.cuda.device.KernelSource;

/**
 * A mistake planted in a kernel source.
 *
 * @param right what the source has, exactly once
 * @param wrong what stands there instead
 */
record Fault(String name, String right, String wrong) {

    KernelSource in(KernelSource source) {
        String text = source.text();
        int place = text.indexOf(right);
        assertEquals(place, text.lastIndexOf(right), "the place of the fault '" + name + "' must be unique");
        assertEquals(true, place >= 0, "the source has no '" + right + "'");
        return KernelSource.of(
                source.name(), text.substring(0, place) + wrong + text.substring(place + right.length()));
    }

    @Override
    public String toString() {
        return name;
    }
}
