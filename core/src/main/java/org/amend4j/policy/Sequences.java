package org.amend4j.policy;

import java.util.Arrays;

/** Lengths of sequences. */
final class Sequences {

    private Sequences() {}

    /**
     * Their sum.
     *
     * @throws IllegalArgumentException if there is none, or one is below 1
     */
    static int rows(int[] lengths) {
        if (lengths.length == 0 || Arrays.stream(lengths).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "a pass needs at least 1 sequence, each of length >= 1, got " + Arrays.toString(lengths));
        }
        return Arrays.stream(lengths).reduce(0, Math::addExact);
    }
}
