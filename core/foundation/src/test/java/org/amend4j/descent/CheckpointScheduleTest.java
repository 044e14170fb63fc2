/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When checkpoints are due, and what a store in memory accepts. */
class CheckpointScheduleTest {

    private static List<Integer> due(CheckpointSchedule schedule, int steps) {
        return IntStream.rangeClosed(1, steps)
                .filter(schedule::dueAfter)
                .boxed()
                .toList();
    }

    @Test
    void schedulesAreDueWhenTheySay() {
        assertEquals(List.of(3, 6, 9), due(CheckpointSchedule.every(3), 10));
        assertEquals(List.of(2, 5), due(CheckpointSchedule.at(5, 2), 10));
        assertEquals(List.of(), due(CheckpointSchedule.lastOnly(), 10));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.25, 1.5, 2, 3, 10, 1000})
    void geometricCheckpointsAreTheLeastWholeNumbersAtOrAboveThePowers(double factor) {
        Set<Integer> expected = new TreeSet<>();
        for (int k = 0; Math.ceil(StrictMath.pow(factor, k)) <= 5000; k++) {
            expected.add((int) Math.ceil(StrictMath.pow(factor, k)));
        }
        assertEquals(List.copyOf(expected), due(CheckpointSchedule.geometric(factor), 5000));
    }

    @Test
    void aStoreShowsNoCheckpointWithoutItsRecords() throws IOException {
        MemoryTrajectoryStore store = new MemoryTrajectoryStore();
        store.keep(new Checkpoint(0, new double[] {1}, Double.NaN));
        store.append(record(0, 5));
        Sentences.requireSentence(
                "a checkpoint must be after the last one and have all records before it, got step 2 (records: 1,"
                        + " checkpoints: [0])",
                () -> store.keep(new Checkpoint(2, new double[] {1}, 1)));
        Sentences.requireSentence(
                "a record must be of a step in [0, 1], from the last checkpoint to the next step, got 2",
                () -> store.append(record(2, 5)));
        // a run that was resumed at 0 makes step 0 again
        store.append(record(0, 7));
        store.keep(new Checkpoint(1, new double[] {2}, 7));
        assertEquals(List.of(record(0, 7)), store.records(1));
        assertEquals(1, store.latest().orElseThrow().step());
        Sentences.requireSentence(
                "a record must be of a step in [1, 1], from the last checkpoint to the next step, got 0",
                () -> store.append(record(0, 5)));
        Sentences.requireSentence(
                "a checkpoint must be after the last one and have all records before it, got step 1 (records: 1,"
                        + " checkpoints: [0, 1])",
                () -> store.keep(new Checkpoint(1, new double[] {1}, 1)));
        assertEquals(
                "there must be a checkpoint to read, got step 2 (checkpoints: [0, 1])",
                assertThrows(IOException.class, () -> store.read(2)).getMessage());
    }

    private static StepRecord record(int step, double stepSize) {
        return new StepRecord(step, 1, 1, 1, stepSize, Double.NaN, 1, 0);
    }
}
