/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.internal.file.Folders;
import org.amend4j.testkit.ChildJvm;
import org.amend4j.testkit.Exhaustive;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run killed with SIGKILL again and again ends with the same bits as one that was left alone. */
class KillResumeTest {
    private static final Logger LOG = LogManager.getLogger(KillResumeTest.class);
    private static final int KILLS = Exhaustive.times(6, 100);
    private static final int STEPS = 200;
    private static final int[] STEPS_BETWEEN_CHECKPOINTS = {1, 3};
    /** A kill comes after at most this share of the checkpoints of a whole run, so that a run is killed several times. */
    private static final double SHARE = 0.4;

    /** And then this long at most, which is some steps on any machine: anywhere within a step. */
    private static final long WITHIN_NANOS = 2_000_000;

    /** A process that is killed from its start on may take this long until it opens the store. */
    private static final long STARTING_NANOS = 100_000_000;

    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private static Path tools;

    private static ChildJvm child;

    @TempDir
    private Path temp;

    private static Process start(Path run, int every) throws IOException {
        return child.start(arguments(run, every));
    }

    private static String[] arguments(Path run, int every) {
        return new String[] {run.toString(), Integer.toString(STEPS), Integer.toString(every)};
    }

    @BeforeAll
    static void rehearse() throws Exception {
        child = new ChildJvm(tools, KilledDescent.class, List.of(FileTrajectoryStore.class));
        child.rehearse(KilledDescent.DONE, arguments(tools.resolve("rehearsal"), 1));
    }

    private static FileTrajectoryStore open(Path run) throws IOException {
        return FileTrajectoryStore.open(run, KilledDescent.FINGERPRINT, KilledDescent.DIMENSION);
    }

    private static void requireOpened(BufferedReader said) throws IOException {
        assertEquals("open", said.readLine());
    }

    @Test
    void aRunKilledManyTimesEndsWithTheSameBits() throws Exception {
        MemoryTrajectoryStore reference = new MemoryTrajectoryStore();
        KilledDescent.descend(reference, STEPS, 1);
        int end = reference.latest().orElseThrow().step();
        assertEquals(STEPS, end);
        Random random = new Random(11);
        Count count = new Count();
        for (int i = 0; count.kills < KILLS; i++) {
            int every = STEPS_BETWEEN_CHECKPOINTS[i % STEPS_BETWEEN_CHECKPOINTS.length];
            Path run = temp.resolve("run-" + i);
            while (count.kills < KILLS && !killed(run, every, random, count)) {
                if (random.nextBoolean()) { // else the next process meets what the kill left
                    count.safe(requireTrue(run, reference));
                }
            }
            if (count.kills == KILLS) {
                finish(run, every);
            }
            assertEquals(end, requireTrue(run, reference));
            Folders.delete(run);
            count.completed++;
        }
        LOG.info("{}", count);
        assertTrue(count.steps.size() >= KILLS / 10, "the kills met too few different steps: " + count);
    }

    @Test
    void aSecondProcessIsRefusedAndTheFirstGoesOn() throws Exception {
        Path run = temp.resolve("run");
        Process other;
        try (FileTrajectoryStore store = open(run)) {
            // Neither may a refused attempt within this process loosen the lock.
            refused(IOException.class, "elsewhere in this process", () -> open(run));
            other = start(run, 1);
            try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
                assertEquals("the run in " + run + " is open in another process", said.readLine());
            }
            assertEquals(KilledDescent.REFUSED, other.waitFor());
            store.keep(new Checkpoint(0, new double[KilledDescent.DIMENSION], Double.NaN));
            assertEquals(1, store.checkpoints().size());
        }
    }

    /**
     * Starts a process and kills it, mostly some checkpoints after it has opened the store, sometimes while it starts.
     *
     * @return whether it was done before that
     */
    private static boolean killed(Path run, int every, Random random, Count count) throws Exception {
        Process process = start(run, every);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            boolean fromItsStart = random.nextInt(5) == 0;
            if (!fromItsStart) {
                requireOpened(said);
                // null once the process is done
                for (int kept = random.nextInt((int) (SHARE * STEPS / every)); kept > 0; kept--) {
                    said.readLine();
                }
            }
            long wait = (long) (random.nextDouble() * (fromItsStart ? STARTING_NANOS : WITHIN_NANOS));
            if (process.waitFor(wait, TimeUnit.NANOSECONDS)) {
                assertEquals(KilledDescent.DONE, process.exitValue());
                return true;
            }
            process.destroyForcibly();
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() == KilledDescent.DONE) {
            return true;
        }
        count.kills++;
        try (Stream<Path> files = Files.exists(run) ? Files.list(run) : Stream.empty()) {
            count.leftovers +=
                    (int) files.filter(file -> file.toString().endsWith(".tmp")).count();
        }
        return false;
    }

    private static void finish(Path run, int every) throws Exception {
        Process process = start(run, every);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            requireOpened(said);
            assertEquals(KilledDescent.DONE, process.waitFor());
        }
    }

    /** Everything that is there is as in the reference; returns the safe step. */
    private static int requireTrue(Path run, MemoryTrajectoryStore reference) throws IOException {
        try (FileTrajectoryStore store = open(run)) {
            NavigableSet<Integer> steps = store.checkpoints();
            for (int step : steps) {
                ReferenceRun.same(reference.read(step), store.read(step));
            }
            int last = steps.isEmpty() ? 0 : steps.last();
            ReferenceRun.same(reference.records(last), store.records(last));
            return last;
        }
    }

    /** What the kills met. */
    private static final class Count {
        private final NavigableSet<Integer> steps = new TreeSet<>();
        private int kills;
        private int completed;
        private int leftovers;

        void safe(int step) {
            steps.add(step);
        }

        @Override
        public String toString() {
            return kills + " kills, " + completed + " runs completed with the same bits, " + leftovers
                    + " half-written files met, safe steps met after a kill: " + steps;
        }
    }
}
