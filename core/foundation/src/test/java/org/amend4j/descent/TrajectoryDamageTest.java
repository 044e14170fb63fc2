/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a file: it is refused in one sentence, or what comes back is true. */
class TrajectoryDamageTest {
    private static final int DIMENSION = 5;
    private static final int STEPS = 4;
    private static final int FLIPS = Exhaustive.times(100, 800);

    @TempDir
    Path run;

    @BeforeEach
    void makeTheRun() throws IOException {
        try (FileTrajectoryStore store = open()) {
            ReferenceRun.go(store, DIMENSION, 0, STEPS);
        }
    }

    private FileTrajectoryStore open() throws IOException {
        return FileTrajectoryStore.open(run, ReferenceRun.FINGERPRINT, DIMENSION);
    }

    /** Whether everything came back; whatever did not was refused. */
    private boolean cameBack() throws IOException {
        FileTrajectoryStore store;
        try {
            store = open();
        } catch (IOException e) {
            assertTrue(Refusals.sentence(e).contains(run.toString()), e.getMessage());
            return false;
        }
        boolean all = true;
        try (store) {
            ReferenceRun.requireTrue(store.records(STEPS), STEPS);
            for (int step : store.checkpoints()) {
                try {
                    ReferenceRun.requireTrue(store.read(step), DIMENSION);
                } catch (IOException e) {
                    Refusals.sentence(e);
                    all = false;
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps.log", "checkpoint-0000000004.ckpt", "checkpoint-0000000002.ckpt"})
    void aFileCutAtAnyByteIsRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(run.resolve(name));
        for (int length = 0; length < whole.length; length++) {
            Files.write(run.resolve(name), Arrays.copyOf(whole, length));
            assertEquals(false, cameBack(), name + " cut to " + length);
        }
        Files.write(run.resolve(name), whole);
        assertTrue(cameBack());
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps.log", "checkpoint-0000000004.ckpt", "checkpoint-0000000002.ckpt"})
    void aFlippedBitIsRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(run.resolve(name));
        Random random = new Random(5);
        for (int i = 0; i < FLIPS; i++) {
            byte[] damaged = whole.clone();
            int bit = random.nextInt(8 * whole.length);
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(run.resolve(name), damaged);
            assertEquals(false, cameBack(), name + ", bit " + bit);
        }
    }

    @Test
    void anyFlipsBehindTheLastCheckpointChangeNothing() throws IOException {
        Path journal = run.resolve(StepJournal.NAME);
        byte[] safe = Files.readAllBytes(journal);
        Random random = new Random(6);
        for (int i = 0; i < 100; i++) {
            byte[] tail = new byte[random.nextInt(200)];
            random.nextBytes(tail);
            byte[] torn = Arrays.copyOf(safe, safe.length + tail.length);
            System.arraycopy(tail, 0, torn, safe.length, tail.length);
            Files.write(journal, torn);
            assertTrue(cameBack());
            assertEquals(safe.length, Files.size(journal));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps.log", "checkpoint-0000000004.ckpt"})
    void randomBytesAreRefused(String name) throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[random.nextInt(600)];
            random.nextBytes(garbage);
            Files.write(run.resolve(name), garbage);
            assertEquals(false, cameBack());
        }
    }
}
