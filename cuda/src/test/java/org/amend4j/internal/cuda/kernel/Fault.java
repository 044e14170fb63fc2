/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.amend4j.internal.cuda.device.KernelSource;

/**
 * A mistake to be planted in a kernel source.
 *
 * @param right what the source has, exactly once
 * @param wrong what stands there instead
 */
record Fault(String name, String right, String wrong) {

    /** Where it is in a source that has it once. */
    int place(KernelSource source) {
        int place = source.text().indexOf(right);
        assertEquals(place, source.text().lastIndexOf(right), "the place of the fault '" + name + "' must be unique");
        assertEquals(true, place >= 0, "the source has no '" + right + "'");
        return place;
    }

    /** Where it begins to be different. */
    int from(KernelSource source) {
        return place(source) + same();
    }

    /** Where it is as it should be again. */
    int to(KernelSource source) {
        int rest = Math.min(right.length(), wrong.length()) - same();
        int alike = 0;
        while (alike < rest && right.charAt(right.length() - 1 - alike) == wrong.charAt(wrong.length() - 1 - alike)) {
            alike++;
        }
        return place(source) + right.length() - alike;
    }

    private int same() {
        int first = Arrays.mismatch(right.toCharArray(), wrong.toCharArray());
        return first < 0 ? right.length() : first;
    }

    /** A function's body with it; it is in there from the first to the last different character. */
    String in(KernelSource source, FunctionBody body) {
        String text = in(source).text();
        return text.substring(body.from(), body.to() + wrong.length() - right.length());
    }

    /** The source with it. */
    KernelSource in(KernelSource source) {
        int place = place(source);
        String text = source.text();
        return KernelSource.of(
                source.name(), text.substring(0, place) + wrong + text.substring(place + right.length()));
    }

    @Override
    public String toString() {
        return name;
    }
}
