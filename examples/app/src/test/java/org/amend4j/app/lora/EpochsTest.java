/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.compute.EpochPlace;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.ElementType;
import org.amend4j.data.BadInputException;
import org.amend4j.training.TrainingSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is stopped or killed before, between and after any of its steps makes every step once more at most and tells the same loss. */
class EpochsTest {

    private static final int EPOCHS = 3;
    private static final int PER_EPOCH = 5;
    private static final int END = EPOCHS * PER_EPOCH;

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();

    /** Steps that only count: parameters are what was added so far, and losses are known after every third step and at an epoch's end. */
    private static final class Counting implements Fitting {

        private final Runnable[] before = new Runnable[END + 1];
        private int steps;
        private int epoch;
        private double parameter;
        private int untold;

        private double loss(int step) {
            return 1.0 / (3 + step);
        }

        @Override
        public boolean hasNext() {
            return steps < (epoch + 1) * PER_EPOCH;
        }

        @Override
        public double[] step() {
            if (before[steps] != null) {
                before[steps].run();
            }
            parameter += Math.sqrt(steps + parameter);
            steps++;
            untold++;
            return untold == 3 || !hasNext() ? losses() : new double[0];
        }

        @Override
        public double[] losses() {
            double[] told = new double[untold];
            for (int k = 0; k < untold; k++) {
                told[k] = loss(steps - untold + k);
            }
            untold = 0;
            return told;
        }

        @Override
        public void reset() {
            assertFalse(hasNext());
            epoch++;
        }

        @Override
        public TrainingSnapshot snapshot() {
            return new TrainingSnapshot(ElementType.DOUBLE, steps, new double[] {parameter}, List.of());
        }

        @Override
        public void resume(TrainingSnapshot snapshot) {
            snapshot.requireLike(snapshot());
            steps = snapshot.steps();
            parameter = snapshot.parameters()[0];
            epoch = EpochPlace.after(steps, PER_EPOCH).epoch();
        }

        @Override
        public void close() {}
    }

    private Checkpoints checkpoints(boolean resume, Optional<Integer> every) {
        return new Checkpoints(
                CheckpointPlace.of(folder.resolve("adapter"), resume),
                Map.of(),
                every,
                Progress.to(new PrintWriter(said)));
    }

    private Losses run(Counting fitting, boolean resume, Optional<Integer> every) throws Exception {
        return new Epochs(fitting, EPOCHS, PER_EPOCH, checkpoints(resume, every))
                .run(Progress.to(new PrintWriter(said)));
    }

    private boolean kept() {
        return Files.exists(folder.resolve("adapter.checkpoint.safetensors"));
    }

    private Counting whole(Losses[] loss) throws Exception {
        Counting whole = new Counting();
        loss[0] = run(whole, false, Optional.empty());
        assertFalse(kept(), "a short training by the clock");
        return whole;
    }

    @Test
    void interruptedAfterAnyStepItGoesOnWithTheNextAndTellsTheSameLosses() throws Exception {
        Losses[] loss = new Losses[1];
        double expected = whole(loss).parameter;
        for (int stop = 0; stop < END; stop++) {
            Counting first = new Counting();
            first.before[stop] = () -> Thread.currentThread().interrupt();
            if (stop == END - 1) { // asked too late
                assertEquals(loss[0], run(first, false, Optional.empty()));
                assertTrue(Thread.interrupted());
                assertFalse(kept());
                continue;
            }
            InterruptedException told =
                    assertThrows(InterruptedException.class, () -> run(first, false, Optional.empty()));
            Thread.interrupted();
            assertTrue(told.getMessage().contains("--resume"), told.getMessage());
            Counting second = new Counting();
            assertEquals(loss[0], run(second, true, Optional.empty()), "stopped after " + (stop + 1));
            assertEquals(expected, second.parameter, 0);
            checkpoints(true, Optional.empty()).remove();
        }
    }

    /** A checkpoint after every one, two, ... steps: what came after the last one is made again. */
    @Test
    void killedBeforeAnyStepOrBehindTheLastItGoesOnFromTheLastCheckpoint() throws Exception {
        Losses[] loss = new Losses[1];
        double expected = whole(loss).parameter;
        for (int every = 1; every <= 4; every++) {
            for (int kill = every; kill <= END; kill++) {
                String message = "killed before step " + kill + ", checkpoints every " + every;
                Counting first = new Counting();
                if (kill < END) {
                    first.before[kill] = () -> {
                        throw new AssertionError("killed");
                    };
                    int steps = every;
                    assertThrows(AssertionError.class, () -> run(first, false, Optional.of(steps)));
                } else {
                    run(first, false, Optional.of(every));
                }
                Counting second = new Counting();
                assertEquals(loss[0], run(second, true, Optional.of(every)), message);
                assertEquals(expected, second.parameter, 0, message);
                int reached = kill == END ? END : kill / every * every;
                assertTrue(said.toString().contains("Resumed after " + reached + " of 15 steps"), message);
                said.getBuffer().setLength(0);
                checkpoints(true, Optional.empty()).remove();
            }
        }
    }

    @Test
    void whoWasStoppedBeforeTheFirstStepHasNothingToGoOnWith() {
        Thread.currentThread().interrupt();
        InterruptedException told =
                assertThrows(InterruptedException.class, () -> run(new Counting(), false, Optional.of(1)));
        Thread.interrupted();
        assertEquals("Nothing was learnt yet.", told.getMessage());
        assertFalse(kept());
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused() throws Exception {
        TrainingSnapshot other = new TrainingSnapshot(ElementType.DOUBLE, 3, new double[2], List.of());
        checkpoints(false, Optional.empty()).keep(() -> other, 0, 0);
        BadInputException refused =
                assertThrows(BadInputException.class, () -> run(new Counting(), true, Optional.empty()));
        assertTrue(refused.getMessage().contains("does not fit: a training with 1 parameters"), refused.getMessage());
        assertTrue(kept());
    }
}
