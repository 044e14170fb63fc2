/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that can be met together if their weights stay below a limit. */
class SelectionTest {

    private static final double LIMIT = 10;

    private static Optional<Set<Integer>> fits(double[] weights, List<Integer> some) {
        double sum = some.stream().mapToDouble(i -> weights[i]).sum();
        return sum <= LIMIT ? Optional.of(new HashSet<>(some)) : Optional.empty();
    }

    private static double[] weights(long seed) {
        Random random = new Random(seed);
        // half of the cases fit together, and about one in ten requests does not fit at all
        double scale = random.nextBoolean() ? 1 : 0.05;
        return random.doubles(1 + random.nextInt(40))
                .map(u -> u > 0.9 && scale == 1 ? 2 * LIMIT : scale * u)
                .toArray();
    }

    private static List<Integer> all(double[] weights) {
        return IntStream.range(0, weights.length).boxed().toList();
    }

    private static List<Integer> refused(Selection<Integer, ?> selection) {
        return selection.refused().stream().map(Selection.Refused::request).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void itIsWhatTryingOneAfterTheOtherFinds(long seed) {
        double[] weights = weights(seed);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            List<Integer> with = new ArrayList<>(expected);
            with.add(i);
            expected = fits(weights, with).isPresent() ? with : expected;
        }
        Selection<Integer, Set<Integer>> selection = Selection.of(all(weights), some -> fits(weights, some));
        assertEquals(expected, selection.accepted());
        assertEquals(Optional.of(new HashSet<>(expected)).filter(met -> !met.isEmpty()), selection.means());
        for (Selection.Refused<Integer> one : selection.refused()) {
            List<Integer> with = new ArrayList<>(one.beside());
            with.add(one.request());
            assertTrue(fits(weights, with).isEmpty());
            assertTrue(expected.containsAll(one.beside()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whoIsRefusedChangesNothingForTheOthers(long seed) {
        double[] weights = weights(seed);
        Function<List<Integer>, Optional<Set<Integer>>> trial = some -> fits(weights, some);
        Selection<Integer, Set<Integer>> selection = Selection.of(all(weights), trial);
        for (int one : refused(selection)) {
            List<Integer> others = new ArrayList<>(all(weights));
            others.remove(Integer.valueOf(one));
            if (!others.isEmpty()) {
                assertEquals(selection.accepted(), Selection.of(others, trial).accepted());
            }
        }
    }

    /** The twin: whoever is accepted does change what the others get, so that the law above says something. */
    @Test
    void whoIsAcceptedMayTakeTheRoomOfOthers() {
        double[] weights = {6, 6};
        Function<List<Integer>, Optional<Set<Integer>>> trial = some -> fits(weights, some);
        assertEquals(List.of(0), Selection.of(List.of(0, 1), trial).accepted());
        assertNotEquals(List.of(), Selection.of(List.of(1), trial).accepted());
    }

    @Test
    void oneBadRequestAmongManyCostsFewTrials() {
        for (int bad : new int[] {0, 700, 1023}) {
            List<Integer> tried = new ArrayList<>();
            Selection<Integer, String> selection =
                    Selection.of(IntStream.range(0, 1024).boxed().toList(), some -> {
                        tried.add(some.size());
                        return some.contains(bad) ? Optional.empty() : Optional.of("met");
                    });
            assertEquals(List.of(bad), refused(selection));
            assertEquals(1023, selection.accepted().size());
            // all of them, and two halves ten times
            assertEquals(21, tried.size());
        }
    }
}
