/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The shapes of Deeplearning4j's arrays for any number n of examples: {@code [times · n, dimensions…]}.
 *
 * @param times rows that an example has in the first dimension
 */
record ArrayForm(int times, List<Long> dimensions) {

    ArrayForm {
        dimensions = List.copyOf(dimensions);
    }

    /** Of an array of one example without its first dimension. */
    static ArrayForm ofExample(long... example) {
        return new ArrayForm(1, LongStream.of(example).boxed().toList());
    }

    /** Of an array that holds so many examples. */
    static ArrayForm of(long[] shape, int examples) {
        return new ArrayForm(
                Math.toIntExact(shape[0] / examples),
                Arrays.stream(shape, 1, shape.length).boxed().toList());
    }

    long[] shape(long examples) {
        return LongStream.concat(
                        LongStream.of(times * examples), dimensions.stream().mapToLong(Long::longValue))
                .toArray();
    }

    /** Numbers of an example. */
    int size() {
        return Math.toIntExact(LongStream.of(shape(1)).reduce(1, Math::multiplyExact));
    }

    Layout layout() {
        return switch (dimensions.size()) {
            case 1 -> times == 1 ? Layout.FEATURES : Layout.STEPS;
            case 2 -> times == 1 ? Layout.SEQUENCES : Layout.OTHER;
            case 3 -> times == 1 ? Layout.IMAGES : Layout.OTHER;
            default -> Layout.OTHER;
        };
    }
}
