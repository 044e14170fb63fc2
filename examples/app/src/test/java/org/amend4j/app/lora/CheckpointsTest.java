/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.ElementType;
import org.amend4j.data.BadInputException;
import org.amend4j.testkit.FragileDisk;
import org.amend4j.training.TrainingSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on disks that fail, run full and lose power. */
class CheckpointsTest {

    private static final Map<String, String> SETTINGS = Map.of("--lr", "0.1", "adapters", "a, b");

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();

    private static AdapterCheckpoint checkpoint(ElementType type, int steps) {
        Random random = new Random(steps);
        double[] parameters = random.doubles(700, -1, 1).toArray();
        double[] moments = random.doubles(700).toArray();
        if (type == ElementType.FLOAT) {
            Arrays.setAll(parameters, k -> (float) parameters[k]);
            Arrays.setAll(moments, k -> (float) moments[k]);
        }
        moments[0] = -0.0;
        moments[1] = Float.MIN_VALUE;
        return new AdapterCheckpoint(
                SETTINGS, new TrainingSnapshot(type, steps, parameters, List.of(moments)), steps / 7.0, steps / 3.0);
    }

    private static void assertSame(AdapterCheckpoint expected, AdapterCheckpoint actual) {
        assertEquals(expected.settings(), actual.settings());
        assertEquals(expected.firstLoss(), actual.firstLoss(), 0);
        assertEquals(expected.lossSum(), actual.lossSum(), 0);
        assertEquals(expected.snapshot().type(), actual.snapshot().type());
        assertEquals(expected.snapshot().steps(), actual.snapshot().steps());
        assertArrayEquals(expected.snapshot().parameters(), actual.snapshot().parameters(), 0);
        assertEquals(1, actual.snapshot().memory().size());
        assertArrayEquals(
                expected.snapshot().memory().get(0), actual.snapshot().memory().get(0), 0);
    }

    private Checkpoints of(CheckpointPlace place, Optional<Integer> every) {
        return new Checkpoints(place, SETTINGS, every, Progress.to(new PrintWriter(said)));
    }

    /** With a checkpoint of step 1. */
    private Checkpoints withOne(Path root) {
        Checkpoints checkpoints = of(CheckpointPlace.of(root.resolve("adapter"), false), Optional.of(1));
        keep(checkpoints, 1);
        return checkpoints;
    }

    private static void keep(Checkpoints checkpoints, int steps) {
        AdapterCheckpoint one = checkpoint(ElementType.FLOAT, steps);
        checkpoints.keep(one::snapshot, one.firstLoss(), one.lossSum());
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE)) {
            Path file = folder.resolve(type.name());
            checkpoint(type, 5).write(file);
            assertSame(checkpoint(type, 5), AdapterCheckpoint.read(file));
        }
        assertTrue(Files.size(folder.resolve("FLOAT")) < 2 * Float.BYTES * 700 + 1000);
    }

    /** Killed or without power before any change of the disk that the second of two checkpoints makes: one of them is there, whole. */
    @Test
    void atAnyMomentThereIsTheCheckpointOfBeforeOrTheNewOne() throws IOException {
        FragileDisk disk = new FragileDisk(folder);
        Checkpoints checkpoints = withOne(disk.root());
        Set<Integer> found = new TreeSet<>();
        List<String> moments = new ArrayList<>();
        disk.watch(event -> {
            moments.add(event);
            for (FragileDisk.Spared spared : FragileDisk.Spared.values()) {
                found.add(stepsAfter(disk, spared, folder.resolve("left-" + moments.size() + spared)));
            }
        });
        keep(checkpoints, 2);
        disk.watch(event -> {});
        assertTrue(moments.size() >= 5, moments.toString());
        assertEquals(Set.of(1, 2), found);
        assertEquals(2, stepsAfter(disk, FragileDisk.Spared.FORCED_NAMES_FORCED_BYTES, folder.resolve("end")));
        assertEquals("", said.toString());
    }

    private static int stepsAfter(FragileDisk disk, FragileDisk.Spared spared, Path left) throws IOException {
        disk.afterPowerFailure(spared, left);
        AdapterCheckpoint read =
                CheckpointPlace.of(left.resolve("adapter"), true).before().orElseThrow();
        int steps = read.snapshot().steps();
        assertSame(checkpoint(ElementType.FLOAT, steps), read);
        return steps;
    }

    @Test
    void aFullDiskIsSaidOnceAndLeavesTheCheckpointOfBefore() throws IOException {
        FragileDisk disk = new FragileDisk(folder);
        Checkpoints checkpoints = withOne(disk.root());
        disk.fullAfter(1_000);
        keep(checkpoints, 2);
        keep(checkpoints, 3);
        assertEquals(1, said.toString().lines().count(), said.toString());
        assertTrue(
                said.toString().startsWith("warning: the training goes on, but cannot be kept in ")
                        && said.toString().contains("No space left on device"),
                said.toString());
        assertEquals(
                1,
                CheckpointPlace.of(folder.resolve("adapter"), true)
                        .before()
                        .orElseThrow()
                        .snapshot()
                        .steps());
        disk.fullAfter(Long.MAX_VALUE);
        keep(checkpoints, 4);
        assertTrue(checkpoints.howToGoOn().isPresent());
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void byStepsOneIsDueAfterSoManyAndByTheClockNotAtOnce() {
        CheckpointPlace place = CheckpointPlace.of(folder.resolve("adapter"), false);
        Checkpoints three = of(place, Optional.of(3));
        assertFalse(three.isDue(2));
        assertTrue(three.isDue(3));
        assertFalse(of(place, Optional.empty()).isDue(3));
        assertTrue(three.howToGoOn().isEmpty());
    }

    @Test
    void aTrainingWithOtherSettingsIsRefusedByTheFirstThatDiffers() throws IOException {
        Path adapter = folder.resolve("adapter");
        withOne(folder);
        CheckpointPlace place = CheckpointPlace.of(adapter, true);
        refused(
                BadInputException.class,
                "--resume continues with the run's own adapters, 'b', got 'c'",
                () -> new Checkpoints(
                        place,
                        Map.of("--lr", "0.1", "adapters", "a, c"),
                        Optional.empty(),
                        Progress.to(new PrintWriter(said))));
        refused(BadInputException.class, "was stopped", () -> CheckpointPlace.of(adapter, false));
        assertEquals(
                1, of(place, Optional.empty()).before().orElseThrow().snapshot().steps());
    }
}
