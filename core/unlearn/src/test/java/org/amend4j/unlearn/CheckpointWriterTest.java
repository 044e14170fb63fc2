/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.FragileDisk;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs go on while their checkpoints are kept, and nobody can tell from what is in the vault. */
@Timeout(60)
class CheckpointWriterTest {

    private static final int STEPS = 20;
    private static final RecordIds NONE = RecordIds.of();
    private static final double[] START = new double[Vaults.DIMENSION];

    @TempDir
    Path temp;

    /** A vault in memory of which each keeping can be slowed down or fail. */
    private abstract static class WatchedVault implements CheckpointVault {
        private final MemoryVault kept = new MemoryVault(Vaults.DIMENSION);
        private final List<Integer> order = new ArrayList<>();

        abstract void beforeKeeping(int step) throws IOException;

        @Override
        public void keep(int step, double[] theta) throws IOException {
            beforeKeeping(step);
            order.add(step);
            kept.keep(step, theta);
        }

        @Override
        public NavigableSet<Integer> steps() {
            return kept.steps();
        }

        @Override
        public double[] read(int step) throws IOException {
            return kept.read(step);
        }

        @Override
        public String sha256(int step) throws IOException {
            return kept.sha256(step);
        }

        @Override
        public String keyId(int step) throws IOException {
            return kept.keyId(step);
        }

        @Override
        public List<String> destroyFrom(int step) throws IOException {
            return kept.destroyFrom(step);
        }

        @Override
        public void close() throws IOException {
            kept.close();
        }
    }

    private static RewindToDelete run(double stepSize) {
        double[][] x = {{1, 0, 0, 0, 1}, {0, 1, 0, 1, 0}, {0, 0, 1, 0, 1}, {1, 1, 0, 0, 0}};
        return new RewindToDelete(
                HeadObjective.logistic(x, new double[] {0, 1, 1, 0})
                        .withNormaliser(4)
                        .withWeightDecay(0.1),
                Recipe.fullBatch(STEPS, stepSize).withCheckpoints(CheckpointSchedule.every(1)));
    }

    @Test
    void stepsAreMadeWhileACheckpointIsKept() throws Exception {
        CountDownLatch fourthStep = new CountDownLatch(1);
        try (WatchedVault vault = new WatchedVault() {
            @Override
            void beforeKeeping(int step) throws IOException {
                await(step == 2, fourthStep);
            }
        }) {
            run(0.5).learn(START, NONE, vault, (step, of) -> {
                if (step == 4) {
                    fourthStep.countDown();
                }
            });
            assertEquals(IntStream.rangeClosed(0, STEPS).boxed().toList(), vault.order);
        }
    }

    private static void await(boolean needed, CountDownLatch latch) throws IOException {
        try {
            if (needed && !latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("the run waits for its checkpoint");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Slower than the steps, so that each checkpoint is written after θ was overwritten. */
    @Test
    void aCheckpointHoldsTheParametersOfItsStepAndNoLaterOnes() throws Exception {
        RewindToDelete run = run(0.5);
        try (WatchedVault slow = new WatchedVault() {
            @Override
            void beforeKeeping(int step) throws IOException {
                LockSupport.parkNanos(3_000_000);
            }
        }) {
            double[] end = run.learn(START, NONE, slow, StepListener.NONE);
            for (int step = 0; step <= STEPS; step++) {
                assertArrayEquals(run.run(START, step, NONE), slow.read(step), 0, "step " + step);
            }
            assertArrayEquals(end, slow.read(STEPS), 0);
        }
    }

    @Test
    void aFailureOfTheDiskReachesTheCallerAndNoLaterCheckpointIsKept() throws Exception {
        AtomicInteger made = new AtomicInteger();
        try (WatchedVault vault = new WatchedVault() {
            @Override
            void beforeKeeping(int step) throws IOException {
                if (step == 7) {
                    throw new IOException("No space left on device");
                }
            }
        }) {
            IOException failure = assertThrows(
                    IOException.class, () -> run(0.5).learn(START, NONE, vault, (step, of) -> made.set(step)));
            assertEquals("a checkpoint could not be kept: No space left on device", failure.getMessage());
            assertEquals(6, vault.steps().last());
            // the failing one, one that waits, and the one whose keeping says so
            assertTrue(made.get() <= 10, "went on to step " + made);
        }
    }

    @Test
    void aFailureAtTheLastCheckpointReachesTheCallerToo() throws Exception {
        try (WatchedVault vault = new WatchedVault() {
            @Override
            void beforeKeeping(int step) {
                if (step == STEPS) {
                    throw new IllegalStateException("broken");
                }
            }
        }) {
            Refusals.refused(
                    IOException.class,
                    "a checkpoint could not be kept: broken",
                    () -> run(0.5).learn(START, NONE, vault, StepListener.NONE));
        }
    }

    /** An interrupt would close the channel of the thread that it meets in a write. */
    @Test
    void anInterruptStopsTheRunAndBreaksNoFileOfTheVault() throws Exception {
        double[] whole = run(0.5).run(START, STEPS, NONE);
        for (int at = 1; at < STEPS; at++) {
            int last = at;
            Path directory = temp.resolve("vault-" + at);
            try (SealedVault vault = Vaults.open(directory)) {
                assertThrows(
                        InterruptedException.class,
                        () -> run(0.5).learn(START, NONE, vault, (step, of) -> {
                            if (step == last) {
                                Thread.currentThread().interrupt();
                            }
                        }));
                assertEquals(last, vault.steps().last());
            }
            try (SealedVault vault = Vaults.open(directory)) {
                assertArrayEquals(whole, run(0.5).learn(START, NONE, vault, StepListener.NONE), 0);
            }
        }
    }

    /** After 100·(-2)^t, doubles end at step 1,018; checkpoints from before are safe when the run fails. */
    @Test
    void whatWasKeptBeforeTheRunFailedIsSafe() throws Exception {
        RewindToDelete run = new RewindToDelete(
                HeadObjective.logistic(new double[][] {{1, 0, 0, 0, 0}}, new double[] {1})
                        .withNormaliser(1)
                        .withWeightDecay(1),
                Recipe.fullBatch(2_000, 3).withCheckpoints(CheckpointSchedule.every(100)));
        double[] far = {0, 100, 0, 0, 0};
        try (SealedVault vault = Vaults.open(temp.resolve("vault"))) {
            assertThrows(ArithmeticException.class, () -> run.learn(far, NONE, vault, StepListener.NONE));
        }
        try (SealedVault vault = Vaults.open(temp.resolve("vault"))) {
            Set<Integer> expected = new TreeSet<>(
                    IntStream.rangeClosed(0, 10).map(k -> 100 * k).boxed().toList());
            assertEquals(expected, vault.steps());
            assertEquals(100 * Math.pow(-2, 1_000), vault.read(1_000)[1], 0);
        }
    }

    @Test
    void aDiskThatRunsFullWhileARunGoesOnLeavesAVaultThatGoesOn() throws Exception {
        Path real = Files.createDirectory(temp.resolve("vault"));
        double[] whole = run(0.5).run(START, STEPS, NONE);
        FragileDisk disk = new FragileDisk(real);
        try (SealedVault vault = Vaults.open(disk.root())) {
            disk.fullAfter(9_000);
            Refusals.refused(
                    IOException.class,
                    "No space left on device",
                    () -> run(0.5).learn(START, NONE, vault, StepListener.NONE));
            int last = vault.steps().last();
            assertTrue(0 < last && last < STEPS, "stopped at " + last);
            assertEquals(last + 1, vault.steps().size());
        }
        try (SealedVault vault = Vaults.open(real)) {
            assertArrayEquals(whole, run(0.5).learn(START, NONE, vault, StepListener.NONE), 0);
        }
    }
}
