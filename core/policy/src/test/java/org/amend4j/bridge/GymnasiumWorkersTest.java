/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.environment.Autoreset;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.VectorEnvironment;
import org.amend4j.environment.VectorSnapshot;
import org.amend4j.environment.VectorStep;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows in several processes, on the package that stands in for Gymnasium. */
class GymnasiumWorkersTest {

    private static final int ROWS = 5;

    @BeforeAll
    static void python() throws InterruptedException {
        GymnasiumProcessTest.python();
    }

    private static EnvironmentBatch start(String name, int workers) {
        return GymnasiumWorkers.start(
                name + "-v0", ROWS, GymnasiumProcessTest.standIn().withWorkers(workers));
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
    }

    private static List<ProcessHandle> childrenBut(List<ProcessHandle> before) {
        List<ProcessHandle> others = new ArrayList<>(children());
        others.removeAll(before);
        return others;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 3", "5, 5", "9, 5"})
    void thereAreAsManyProcessesAsWantedAndNoneWithoutARow(int wanted, int processes) {
        List<ProcessHandle> before = children();
        try (EnvironmentBatch batch = start("Environment", wanted)) {
            assertEquals(processes, childrenBut(before).size());
            assertEquals(ROWS, batch.rows());
        }
        assertEquals(List.of(), childrenBut(before));
    }

    /** Some rows at a time, in every combination; masks of all rows after each. */
    @ParameterizedTest
    @ValueSource(strings = {"Environment", "Masked", "SometimesMasked", "Pictures"})
    void whatRowsDoDoesNotDependOnTheirProcesses(String name) {
        try (EnvironmentBatch one = start(name, 1);
                EnvironmentBatch several = start(name, 3)) {
            assertEquals(one.observationSpace(), several.observationSpace());
            assertEquals(one.actionSpace(), several.actionSpace());
            assertSameMasks(one, several);
            SplitMix64 random = new SplitMix64(1);
            for (int chosen = 1; chosen < 1 << ROWS; chosen++) {
                int[] rows = rows(chosen);
                long[] seeds =
                        Arrays.stream(rows).mapToLong(row -> random.nextInt(12)).toArray();
                assertTrue(Arrays.deepEquals(one.reset(rows, seeds), several.reset(rows, seeds)));
                assertSameMasks(one, several);
                double[][] actions = Arrays.stream(rows)
                        .mapToObj(row -> new double[] {random.nextInt(3)})
                        .toArray(double[][]::new);
                assertSame(one.step(rows, actions), several.step(rows, actions));
                assertSameMasks(one, several);
            }
        }
    }

    private static int[] rows(int chosen) {
        return IntStream.range(0, ROWS).filter(row -> (chosen >> row & 1) != 0).toArray();
    }

    private static void assertSameMasks(EnvironmentBatch one, EnvironmentBatch other) {
        for (int row = 0; row < ROWS; row++) {
            assertArrayEquals(one.allowedActions(row), other.allowedActions(row));
        }
    }

    private static void assertSame(StepResult[] expected, StepResult... steps) {
        assertEquals(expected.length, steps.length);
        for (int i = 0; i < steps.length; i++) {
            assertArrayEquals(expected[i].observation(), steps[i].observation());
            assertEquals(expected[i].reward(), steps[i].reward());
            assertEquals(expected[i].terminated(), steps[i].terminated());
            assertEquals(expected[i].truncated(), steps[i].truncated());
        }
    }

    @Test
    void aSnapshotOfOneProcessIsRestoredInSeveral() {
        SplitMix64 random = new SplitMix64(2);
        try (EnvironmentBatch one = start("Environment", 1);
                EnvironmentBatch several = start("Environment", 2)) {
            VectorEnvironment whole = new VectorEnvironment(one, Autoreset.SAME_STEP, 1000);
            whole.reset(998);
            for (int t = 0; t < 33; t++) {
                whole.step(actions(random));
            }
            VectorSnapshot snapshot = whole.snapshot();
            VectorEnvironment restored = new VectorEnvironment(several, Autoreset.SAME_STEP, 1000);
            restored.restore(snapshot);
            for (int t = 0; t < 20; t++) {
                double[][] actions = actions(random);
                VectorStep expected = whole.step(actions);
                VectorStep step = restored.step(actions);
                assertTrue(Arrays.deepEquals(expected.observations(), step.observations()));
                assertArrayEquals(expected.rewards(), step.rewards());
                assertArrayEquals(expected.resets(), step.resets());
            }
        }
    }

    private static double[][] actions(SplitMix64 random) {
        double[][] actions = new double[ROWS][];
        Arrays.setAll(actions, row -> new double[] {random.nextInt(3)});
        return actions;
    }

    /** The answers of the others are heard: else they would be taken for those of the reset. */
    @Test
    void anErrorInOneProcessIsOneSentenceAndAResetGoesOn() {
        int[] rows = {0, 1, 2, 3, 4};
        try (EnvironmentBatch batch = start("Raising", 3)) {
            double[][] first = batch.reset(rows, new long[] {1, 2, 3, 4, 5});
            double[][] actions = {{0}, {2}, {0}, {0}, {0}};
            batch.step(rows, actions);
            assertEquals(
                    "Gymnasium failed (ValueError: a joint broke)",
                    assertThrows(GymnasiumException.class, () -> batch.step(rows, actions))
                            .getMessage());
            assertTrue(Arrays.deepEquals(first, batch.reset(rows, new long[] {1, 2, 3, 4, 5})));
        }
    }

    @Test
    void aKilledProcessIsOneSentenceAndTheOthersEnd() {
        List<ProcessHandle> before = children();
        int[] rows = {0, 1, 2, 3, 4};
        double[][] actions = new double[ROWS][1];
        try (EnvironmentBatch batch = start("Environment", 3)) {
            batch.reset(rows, new long[ROWS]);
            ProcessHandle killed = childrenBut(before).get(1);
            assertTrue(killed.destroyForcibly());
            killed.onExit().orTimeout(1, TimeUnit.MINUTES).join();
            for (int attempt = 0; attempt < 2; attempt++) {
                String sentence = assertThrows(GymnasiumException.class, () -> batch.step(rows, actions))
                        .getMessage();
                assertTrue(sentence.startsWith("Gymnasium's process ended (exit code "), sentence);
            }
        }
        assertEquals(List.of(), childrenBut(before));
    }

    @ParameterizedTest
    @CsvSource({
        "Nothing, Gymnasium cannot make 'Nothing-v0' (KeyError: 'no environment Nothing-v0')",
        "NoPackage, Gymnasium cannot make 'NoPackage-v0' (DependencyNotInstalled: MuJoCo is not installed)"
    })
    void whatCannotBeMadeIsOneSentenceAndNoProcessStays(String name, String sentence) {
        List<ProcessHandle> before = children();
        assertEquals(
                sentence,
                assertThrows(GymnasiumException.class, () -> start(name, 3)).getMessage());
        assertEquals(List.of(), childrenBut(before));
    }

    /** One after the other, the first would wait in vain, and be stopped. */
    @Test
    void processes_end_at_the_same_time(@TempDir Path folder) throws IOException {
        GymnasiumOptions options = GymnasiumProcessTest.standIn()
                .withWorkers(3)
                .withArguments(Map.of("folder", folder.toString(), "count", 3));
        GymnasiumWorkers.start("Meeting-v0", 3, options).close();
        try (Stream<Path> told = Files.list(folder)) {
            assertEquals(
                    3,
                    told.filter(file -> file.getFileName().toString().startsWith("met"))
                            .count());
        }
    }

    @Test
    void environmentsOfANameAreDividedWhateverTheirLimit() {
        List<ProcessHandle> before = children();
        GymnasiumOptions options = GymnasiumProcessTest.standIn().withWorkers(2);
        try (EnvironmentBatch batch = GymnasiumEnvironments.of("gymnasium:Limited-v0", options)
                .maker()
                .open(ROWS, OptionalInt.of(7))) {
            assertEquals(ROWS, batch.rows());
            assertEquals(2, childrenBut(before).size());
        }
        assertThrows(IllegalArgumentException.class, () -> GymnasiumOptions.STANDARD.withWorkers(0));
    }
}
