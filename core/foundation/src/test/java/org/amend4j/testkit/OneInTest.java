/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A law that is tried less by default is never tried not at all, and in full where all is tried. */
class OneInTest {

    private static final List<Integer> RUN = new ArrayList<>();

    @OneIn(3)
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void run(int number) {
        RUN.add(number);
    }

    @AfterAll
    static void theFirstCaseAndEveryThirdAfterItAreRunByDefault() {
        List<Integer> all = List.of(0, 1, 2, 3, 4, 5, 6, 7);
        assertEquals(Exhaustive.on() ? all : List.of(0, 3, 6), RUN);
        assertEquals(RUN, Exhaustive.oneIn(3, all));
    }

    @Test
    void sizesAreTheFewOrAll() {
        assertEquals(Exhaustive.on() ? 9 : 2, Exhaustive.times(2, 9));
    }
}
