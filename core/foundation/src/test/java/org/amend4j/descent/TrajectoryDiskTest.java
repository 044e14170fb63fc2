/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.testkit.FragileDisk;
import org.amend4j.testkit.FragileDisk.Spared;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on a disk that runs full, fails, or loses its power. */
class TrajectoryDiskTest {
    private static final int DIMENSION = 11;
    private static final int STEPS = 6;

    @TempDir
    Path temp;

    private static FileTrajectoryStore open(Path directory) throws IOException {
        return FileTrajectoryStore.open(directory, ReferenceRun.FINGERPRINT, DIMENSION);
    }

    @Test
    void aPowerFailureAtAnyMomentLeavesEverythingThatWasSafe() throws IOException {
        Path real = Files.createDirectory(temp.resolve("run"));
        FragileDisk disk = new FragileDisk(real);
        List<String> events = new ArrayList<>();
        int[] safe = {-1, -1}; // no less than, discarded
        disk.watch(event -> {
            events.add(event);
            for (Spared spared : Spared.values()) {
                Path left = temp.resolve("after-" + events.size() + "-" + spared);
                disk.afterPowerFailure(spared, left);
                try (FileTrajectoryStore store = open(left)) {
                    int last = ReferenceRun.requireTrue(store, DIMENSION);
                    assertTrue(last >= safe[0], () -> "step " + safe[0] + " was safe before: " + events);
                    assertFalse(store.checkpoints().contains(safe[1]), "step " + safe[1] + " was discarded");
                }
            }
        });
        try (FileTrajectoryStore store = open(disk.root())) {
            for (int step = 0; step < STEPS; step++) {
                store.append(ReferenceRun.record(step));
                store.keep(ReferenceRun.checkpoint(step + 1, DIMENSION));
                assertEquals(step + 1, store.checkpoints().last());
                safe[0] = step + 1;
                store.discard(step - 1);
                safe[1] = step - 1;
            }
        }
        assertTrue(events.size() > 9 * STEPS, "the disk saw " + events);
    }

    @Test
    void aFullDiskIsReportedAndWhatWasSafeStaysSafe() throws IOException {
        long needed = bytesOfAWholeRun();
        for (long bytes = 0; bytes < needed; bytes += 29) {
            Path real = Files.createDirectory(temp.resolve("full-" + bytes));
            FragileDisk disk = new FragileDisk(real);
            disk.fullAfter(bytes);
            String sentence = Refusals.sentence(assertThrows(IOException.class, () -> fill(disk)));
            assertTrue(sentence.contains("No space left on device"), sentence);
            assertTrue(sentence.contains(real.toString()), sentence);
            try (Stream<Path> files = Files.list(real)) {
                assertFalse(files.anyMatch(file -> file.toString().endsWith(".tmp")), "left behind at " + bytes);
            }
            // Room again: the run goes on where it was safe.
            try (FileTrajectoryStore store = open(real)) {
                int last = ReferenceRun.requireTrue(store, DIMENSION);
                ReferenceRun.go(store, DIMENSION, Math.max(0, last), STEPS);
                assertEquals(STEPS, ReferenceRun.requireTrue(store, DIMENSION));
            }
        }
    }

    private static void fill(FragileDisk disk) throws IOException {
        try (FileTrajectoryStore store = open(disk.root())) {
            try {
                ReferenceRun.go(store, DIMENSION, 0, STEPS);
            } finally {
                // Also with a failure behind it.
                ReferenceRun.requireTrue(store, DIMENSION);
            }
        }
    }

    private long bytesOfAWholeRun() throws IOException {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("whole")));
        try (FileTrajectoryStore store = open(disk.root())) {
            ReferenceRun.go(store, DIMENSION, 0, STEPS);
        }
        return disk.written();
    }

    @Test
    void aFailureIsReportedByEveryLaterChangeAndByClose() throws IOException {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("run")));
        FileTrajectoryStore store = open(disk.root());
        ReferenceRun.go(store, DIMENSION, 0, 2);
        assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
        disk.failForces();
        store.append(ReferenceRun.record(2));
        store.keep(ReferenceRun.checkpoint(3, DIMENSION));
        assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
        String rule = "cannot be written any more: ";
        Refusals.refused(IOException.class, rule, () -> store.append(ReferenceRun.record(3)));
        Refusals.refused(IOException.class, rule, () -> store.keep(ReferenceRun.checkpoint(2, DIMENSION)));
        Refusals.refused(IOException.class, rule, () -> store.discard(1));
        assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
        String sentence = Refusals.refused(IOException.class, rule, store::close);
        assertTrue(sentence.contains("steps.log: Input/output error"), sentence);
    }

    @Test
    void keepWaitsOnlyWhenAnotherCheckpointWaits() throws Exception {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("run")));
        try (FileTrajectoryStore store = open(disk.root())) {
            Object stuck = new Object();
            Thread descent;
            synchronized (stuck) {
                disk.watch(event -> {
                    synchronized (stuck) {
                        stuck.notifyAll();
                    }
                });
                store.keep(ReferenceRun.checkpoint(0, DIMENSION)); // being written, which is stuck
                store.keep(ReferenceRun.checkpoint(0, DIMENSION)); // waits
                descent = new Thread(() -> {
                    try {
                        store.keep(ReferenceRun.checkpoint(0, DIMENSION));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                descent.start();
                descent.join(100);
                assertTrue(descent.isAlive(), "a third one did not wait");
            }
            descent.join();
        }
    }
}
