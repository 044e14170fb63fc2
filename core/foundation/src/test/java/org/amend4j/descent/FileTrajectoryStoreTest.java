/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTrajectoryStoreTest {
    private static final int DIMENSION = 7;

    @TempDir
    Path temp;

    private Path run() {
        return temp.resolve("parent").resolve("run");
    }

    private FileTrajectoryStore open() throws IOException {
        return FileTrajectoryStore.open(run(), ReferenceRun.FINGERPRINT, DIMENSION);
    }

    private void made(int steps) throws IOException {
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 0, steps);
        }
    }

    private Path checkpoint(int step) {
        return run().resolve(CheckpointFiles.name(step));
    }

    private Map<String, byte[]> bytes() throws IOException {
        Map<String, byte[]> bytes = new TreeMap<>();
        try (Stream<Path> files = Files.list(run())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return bytes;
    }

    private void refusedUntouched(String rule, String fingerprint, int dimension) throws IOException {
        Map<String, byte[]> before = bytes();
        String sentence =
                refused(IOException.class, rule, () -> FileTrajectoryStore.open(run(), fingerprint, dimension));
        assertTrue(sentence.contains(run().toString()), sentence);
        Map<String, byte[]> after = bytes();
        assertEquals(before.keySet(), after.keySet());
        before.forEach((name, content) -> assertArrayEquals(content, after.get(name), name));
    }

    @Test
    void aNewRunIsEmpty() throws IOException {
        try (FileTrajectoryStore store = open()) {
            assertEquals(Optional.empty(), store.latest());
            assertEquals(Set.of(), store.checkpoints());
            assertEquals(0, store.records(0).size());
        }
        try (FileTrajectoryStore store = open()) {
            assertEquals(Optional.empty(), store.latest());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32_767, 32_768, 32_769, 100_000})
    void everyBitComesBackInTheSameProcessAndAfterReopening(int dimension) throws IOException {
        try (FileTrajectoryStore store = FileTrajectoryStore.open(run(), ReferenceRun.FINGERPRINT, dimension)) {
            ReferenceRun.go(store, dimension, 0, 5);
            assertEquals(5, ReferenceRun.requireTrue(store, dimension));
        }
        try (FileTrajectoryStore store = FileTrajectoryStore.open(run(), ReferenceRun.FINGERPRINT, dimension)) {
            assertEquals(5, ReferenceRun.requireTrue(store, dimension));
            assertEquals(new TreeSet<>(Set.of(0, 1, 2, 3, 4, 5)), store.checkpoints());
        }
    }

    @Test
    void recordsOfManyStepsBetweenCheckpointsComeBack() throws IOException {
        int steps = 10_000;
        try (FileTrajectoryStore store = open()) {
            for (int step = 0; step < steps; step++) {
                store.append(ReferenceRun.record(step));
            }
            store.keep(ReferenceRun.checkpoint(steps, DIMENSION));
        }
        try (FileTrajectoryStore store = open()) {
            assertEquals(steps, ReferenceRun.requireTrue(store, DIMENSION));
            ReferenceRun.requireTrue(store.records(4_321), 4_321);
        }
    }

    @Test
    void recordsBehindTheLastCheckpointAreNotSafe() throws IOException {
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 0, 3);
            store.append(ReferenceRun.record(3));
            refused(IOException.class, "records are safe up to step 3, asked for those before step 4", () -> {
                store.records(4);
            });
        }
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 3, 6);
        }
        try (FileTrajectoryStore store = open()) {
            assertEquals(6, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 59, 60, 61, 150})
    void aTornTailOfTheJournalIsCutOff(int tail) throws IOException {
        made(3);
        Path journal = run().resolve(StepJournal.NAME);
        byte[] safe = Files.readAllBytes(journal);
        byte[] torn = Arrays.copyOf(safe, safe.length + tail);
        torn[safe.length] = 77;
        Files.write(journal, torn);
        try (FileTrajectoryStore store = open()) {
            assertEquals(3, ReferenceRun.requireTrue(store, DIMENSION));
        }
        assertArrayEquals(safe, Files.readAllBytes(journal));
    }

    @Test
    void leftoversOfACrashAreRemovedAndNothingElse() throws IOException {
        made(1);
        Files.writeString(run().resolve(".checkpoint-0000000002.ckpt.0-1.tmp"), "half");
        Files.writeString(run().resolve(".steps.log.0-1.tmp"), "half");
        Files.writeString(run().resolve("notes.tmp"), "not ours");
        Files.writeString(run().resolve("checkpoint-9999999999.ckpt"), "no step has this number");
        open().close();
        assertEquals(
                Set.of(
                        "checkpoint-0000000000.ckpt",
                        "checkpoint-0000000001.ckpt",
                        "checkpoint-9999999999.ckpt",
                        "notes.tmp",
                        "run.lock",
                        "steps.log"),
                bytes().keySet());
    }

    @Test
    void anotherFingerprintOrDimensionIsRefused() throws IOException {
        made(2);
        refusedUntouched("belongs to the run 'reference', not to 'other'", "other", DIMENSION);
        refusedUntouched("is of a run with 7 parameters, not 8", ReferenceRun.FINGERPRINT, 8);
    }

    @Test
    void aCheckpointOfAnotherRunIsRefused() throws IOException {
        made(2);
        byte[] foreign;
        Path other = temp.resolve("other");
        try (FileTrajectoryStore store = FileTrajectoryStore.open(other, "other", DIMENSION)) {
            ReferenceRun.go(store, DIMENSION, 0, 2);
        }
        foreign = Files.readAllBytes(other.resolve(CheckpointFiles.name(2)));
        Files.write(checkpoint(2), foreign);
        refusedUntouched("belongs to the run 'other'", ReferenceRun.FINGERPRINT, DIMENSION);
        Files.copy(checkpoint(1), checkpoint(2), StandardCopyOption.REPLACE_EXISTING);
        refusedUntouched("holds the checkpoint of step 1", ReferenceRun.FINGERPRINT, DIMENSION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps.log", "checkpoint-0000000002.ckpt"})
    void anotherFormatVersionIsRefused(String name) throws IOException {
        made(2);
        Path file = run().resolve(name);
        byte[] content = Files.readAllBytes(file);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 2);
        Files.write(file, content);
        refusedUntouched("has format version 2, this release reads version 1", ReferenceRun.FINGERPRINT, DIMENSION);
    }

    @Test
    void checkpointsWithoutAJournalAreRefused() throws IOException {
        made(2);
        Files.delete(run().resolve(StepJournal.NAME));
        refusedUntouched("holds checkpoints but no steps.log", ReferenceRun.FINGERPRINT, DIMENSION);
    }

    @Test
    void aDamagedLastCheckpointIsRefusedUntilItIsMovedAway() throws IOException {
        made(3);
        byte[] damaged = Files.readAllBytes(checkpoint(3));
        damaged[damaged.length - 9] ^= 1;
        Files.write(checkpoint(3), damaged);
        refusedUntouched("checkpoint-0000000003.ckpt is damaged", ReferenceRun.FINGERPRINT, DIMENSION);
        Files.move(checkpoint(3), temp.resolve("away"));
        try (FileTrajectoryStore store = open()) {
            assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
            ReferenceRun.go(store, DIMENSION, 2, 4);
            assertEquals(4, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @Test
    void aDamagedEarlierCheckpointIsRefusedWhenRead() throws IOException {
        made(3);
        byte[] damaged = Files.readAllBytes(checkpoint(1));
        damaged[damaged.length - 9] ^= 1;
        Files.write(checkpoint(1), damaged);
        try (FileTrajectoryStore store = open()) {
            refused(IOException.class, "checkpoint-0000000001.ckpt is damaged", () -> store.read(1));
            ReferenceRun.requireTrue(store.read(0), DIMENSION);
            ReferenceRun.requireTrue(store.latest().orElseThrow(), DIMENSION);
        }
    }

    @Test
    void aSecondWriterIsRefusedUntilTheFirstCloses() throws IOException {
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 0, 1);
            refused(IOException.class, "is open elsewhere in this process", this::open);
            Path link = Files.createSymbolicLink(temp.resolve("link"), run());
            refused(
                    IOException.class,
                    "is open elsewhere in this process",
                    () -> FileTrajectoryStore.open(link, ReferenceRun.FINGERPRINT, DIMENSION));
            assertEquals(1, ReferenceRun.requireTrue(store, DIMENSION));
        }
        open().close();
    }

    @Test
    void aRefusedRunCanBeOpenedRightly() throws IOException {
        made(1);
        refusedUntouched("belongs to the run", "other", DIMENSION);
        try (FileTrajectoryStore store = open()) {
            assertEquals(1, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @Test
    void aFileWhereTheDirectoryShouldBeIsRefused() throws IOException {
        Files.createDirectories(run().getParent());
        Files.writeString(run(), "a file");
        refused(IOException.class, "cannot open the run in " + run(), this::open);
    }

    @Test
    void interruptsNeitherBreakFilesNorGetLost() throws IOException {
        Thread.currentThread().interrupt();
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 0, 20);
            assertTrue(Thread.currentThread().isInterrupted());
            assertEquals(20, ReferenceRun.requireTrue(store, DIMENSION));
            store.discard(4);
        }
        assertTrue(Thread.interrupted(), "the interrupt was swallowed");
        try (FileTrajectoryStore store = open()) {
            assertEquals(20, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @Test
    void interruptsWhileKeepingBreakNothing() throws Exception {
        int dimension = 50_000;
        try (FileTrajectoryStore store = FileTrajectoryStore.open(run(), ReferenceRun.FINGERPRINT, dimension)) {
            IOException[] failure = new IOException[1];
            Thread descent = new Thread(() -> {
                try {
                    ReferenceRun.go(store, dimension, 0, 40);
                } catch (IOException e) {
                    failure[0] = e;
                }
            });
            descent.start();
            while (descent.isAlive()) {
                descent.interrupt();
                descent.join(1);
            }
            assertEquals(null, failure[0]);
            assertEquals(40, ReferenceRun.requireTrue(store, dimension));
        }
    }

    @Test
    void aDiscardedCheckpointIsGoneAndTheOthersStay() throws IOException {
        made(4);
        try (FileTrajectoryStore store = open()) {
            store.discard(2);
            store.discard(2);
            store.discard(1_000);
            assertFalse(Files.exists(checkpoint(2)));
            refused(IOException.class, "there is no safe checkpoint of step 2", () -> store.read(2));
            ReferenceRun.requireTrue(store.records(2), 2);
        }
        try (FileTrajectoryStore store = open()) {
            assertEquals(4, ReferenceRun.requireTrue(store, DIMENSION));
            assertEquals(new TreeSet<>(Set.of(0, 1, 3, 4)), store.checkpoints());
        }
    }

    @Test
    void discardingTheLastCheckpointsGoesBack() throws IOException {
        made(4);
        try (FileTrajectoryStore store = open()) {
            store.discard(4);
            store.discard(3);
            refused(IOException.class, "records are safe up to step 2", () -> store.records(3));
        }
        try (FileTrajectoryStore store = open()) {
            assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
            ReferenceRun.go(store, DIMENSION, 2, 5);
            assertEquals(5, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @Test
    void aCheckpointKeptAgainReplacesTheFirst() throws IOException {
        made(2);
        Checkpoint again = new Checkpoint(2, new double[DIMENSION], 0.5);
        try (FileTrajectoryStore store = open()) {
            store.keep(again);
        }
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.same(again, store.latest().orElseThrow());
        }
    }

    @Test
    void whatDoesNotFitTheRunIsRefusedAtTheDoor() throws IOException {
        refused("dimension of a run must be >= 1, got 0", () -> FileTrajectoryStore.open(run(), "x", 0));
        refused("1 to 512 bytes of UTF-8, got 0", () -> FileTrajectoryStore.open(run(), "", 1));
        refused("1 to 512 bytes of UTF-8, got 514", () -> FileTrajectoryStore.open(run(), "é".repeat(257), 1));
        assertFalse(Files.exists(run()));
        try (FileTrajectoryStore store = open()) {
            refused("step 0 is next, got step 1", () -> store.append(ReferenceRun.record(1)));
            refused("has 7 parameters, got 6 (step 0)", () -> store.keep(ReferenceRun.checkpoint(0, 6)));
            refused(
                    "step 0 has none, got a checkpoint of step 1",
                    () -> store.keep(ReferenceRun.checkpoint(1, DIMENSION)));
            ReferenceRun.go(store, DIMENSION, 0, 2);
            assertEquals(2, ReferenceRun.requireTrue(store, DIMENSION));
        }
    }

    @Test
    void aClosedStoreSaysSo() throws IOException {
        FileTrajectoryStore store = open();
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, () -> store.append(ReferenceRun.record(0)));
        assertThrows(IllegalStateException.class, () -> store.keep(ReferenceRun.checkpoint(0, DIMENSION)));
        assertThrows(IllegalStateException.class, store::latest);
    }
}
