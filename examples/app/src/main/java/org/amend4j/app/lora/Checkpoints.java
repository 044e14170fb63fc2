/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.RunSettings;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.DiskThread;
import org.amend4j.training.TrainingSnapshot;

/**
 * Checkpoints of a training, each in place of the one before. One that cannot be written does not end the training, which has a
 * result to write in the end; that is said once.
 */
public final class Checkpoints {

    private static final Duration APART = Duration.ofSeconds(10);

    /** By the clock they are at least so many times as far apart as one takes. */
    private static final int TIMES_THE_COST = 100;

    private final Path file;
    private final Optional<AdapterCheckpoint> before;
    private final Map<String, String> settings;
    private final Optional<Integer> everySteps;
    private final Progress progress;

    private long last = System.nanoTime();
    private long apart = APART.toNanos();
    private int steps;
    private boolean failing;

    /**
     * Of one training.
     *
     * @param settings all that its numbers depend on, in words by name, in the order in which differences are named
     * @param everySteps steps between checkpoints; empty for time between them
     * @throws BadInputException if it is to go on with one of other settings
     */
    public Checkpoints(
            CheckpointPlace place, Map<String, String> settings, Optional<Integer> everySteps, Progress progress) {
        this.file = place.file();
        this.before = place.before();
        this.settings = settings;
        this.everySteps = everySteps;
        this.progress = progress;
        before.ifPresent(checkpoint -> RunSettings.requireSame(settings, checkpoint.settings(), file));
        steps = before.map(checkpoint -> checkpoint.snapshot().steps()).orElse(0);
    }

    /** What the training goes on from. */
    Optional<AdapterCheckpoint> before() {
        return before;
    }

    /** The checkpoint that is being resumed does not fit the training. */
    BadInputException unfit(IllegalArgumentException reason) {
        return new BadInputException(
                "--resume: the checkpoint " + file + " does not fit: " + reason.getMessage(), reason);
    }

    /** Whether a checkpoint is due after so many steps. */
    boolean isDue(int done) {
        return everySteps.map(every -> done % every == 0).orElseGet(() -> System.nanoTime() - last >= apart);
    }

    /**
     * Writes one, unless there is one of this step.
     *
     * @param firstLoss as in {@link AdapterCheckpoint}
     * @param lossSum as in {@link AdapterCheckpoint}
     */
    void keep(Supplier<TrainingSnapshot> now, double firstLoss, double lossSum) {
        long start = System.nanoTime();
        TrainingSnapshot snapshot = now.get();
        if (snapshot.steps() == steps) {
            return;
        }
        try {
            write(new AdapterCheckpoint(settings, snapshot, firstLoss, lossSum));
            steps = snapshot.steps();
            failing = false;
        } catch (IOException failed) {
            if (!failing) {
                progress.say(
                        "warning: the training goes on, but cannot be kept in " + file + ": " + Reasons.of(failed));
            }
            failing = true;
        }
        last = System.nanoTime();
        apart = Math.max(APART.toNanos(), TIMES_THE_COST * (last - start));
    }

    /** By another thread: an interrupt closes the channel that the interrupted thread writes to. */
    private void write(AdapterCheckpoint checkpoint) throws IOException {
        DiskThread disk = new DiskThread("checkpoint");
        try {
            disk.await(() -> checkpoint.write(file));
        } finally {
            disk.end();
        }
    }

    /** Whether there is one on disk. */
    boolean exist() {
        return Files.exists(file);
    }

    /** A sentence for the user, if there is something to go on with. */
    public Optional<String> howToGoOn() {
        return exist()
                ? Optional.of("The checkpoint is " + file + ": continue with the same command and --resume.")
                : Optional.empty();
    }

    /** The training is over. */
    public void remove() throws IOException {
        Files.deleteIfExists(file); // not forced: if a power failure brings it back, the adapter is there
    }
}
