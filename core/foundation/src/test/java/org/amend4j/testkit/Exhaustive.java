/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How much tests try. By default they try a part of each law's sizes, seeds and faults; with Maven's profile {@code exhaustive} they
 * try all. Tests that only the profile runs have the tag {@code exhaustive}; {@link OneIn} thins the cases of a test.
 */
public final class Exhaustive {
    private Exhaustive() {}

    /** Whether all is tried. */
    public static boolean on() {
        return Boolean.getBoolean("amend4j.exhaustive");
    }

    /** The first number by default, the second where all is tried. */
    public static int times(int few, int all) {
        return on() ? all : few;
    }

    /** Every {@code n}-th element from the first on by default, all elements where all is tried. */
    public static <T> List<T> oneIn(int n, List<T> all) {
        if (on()) {
            return all;
        }
        return IntStream.range(0, all.size())
                .filter(i -> i % n == 0)
                .mapToObj(all::get)
                .toList();
    }
}
