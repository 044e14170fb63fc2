/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.amend4j.app.compute.EpochPlace;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Stopping;
import org.amend4j.data.BadInputException;

/** The steps of a training, epoch after epoch, from its start or where a checkpoint has it, with checkpoints on the way. */
public final class Epochs {

    /** How many epochs at most say their loss in a pipe. */
    private static final long EPOCH_LINES = 20;

    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private final Fitting fitting;
    private final int epochs;
    private final int perEpoch;
    private final Checkpoints checkpoints;

    private int steps;
    /** The sum over the steps of this epoch with known losses. */
    private double lossSum;

    private int known;

    /** Not a number until it is known. */
    private double firstLoss = Double.NaN;

    /**
     * Of a training that has not begun.
     *
     * @param epochs how many, at least 1
     * @param perEpoch steps of each
     */
    public Epochs(Fitting fitting, int epochs, int perEpoch, Checkpoints checkpoints) {
        this.fitting = fitting;
        this.epochs = epochs;
        this.perEpoch = perEpoch;
        this.checkpoints = checkpoints;
    }

    /**
     * Makes them.
     *
     * @return how it went
     * @throws BadInputException if a loss is not finite; no checkpoint is left, since it would come to the same
     * @throws InterruptedException if the process is to be stopped; what was reached is kept
     */
    public Losses run(Progress progress) throws IOException, InterruptedException {
        return run(progress, FOREVER).orElseThrow();
    }

    /**
     * Makes them, or as many as there is time for.
     *
     * @param most after which no further step is begun; at least one is made
     * @return how it went; empty if there was no time for all steps: what was reached is kept
     * @throws BadInputException as {@link #run(Progress)}
     * @throws InterruptedException as {@link #run(Progress)}
     */
    public Optional<Losses> run(Progress progress, Duration most) throws IOException, InterruptedException {
        int epoch = resume(progress);
        long start = System.nanoTime();
        BooleanSupplier late = () -> System.nanoTime() - start >= most.toNanos();
        double loss = 0;
        try (Stopping stopping = Stopping.betweenSteps();
                Progress.Stage stage = progress.stage("training", (long) epochs * perEpoch)) {
            stage.reach(steps);
            for (; epoch < epochs; epoch++) {
                if (!epoch(epoch + 1, stopping, stage, late)) {
                    keep(epoch + 1, stage);
                    return Optional.empty();
                }
                loss = lossSum / known;
                if (epoch == epochs - 1 && checkpoints.exist()) {
                    checkpoints.keep(fitting::snapshot, firstLoss, lossSum);
                }
                fitting.reset();
                lossSum = 0;
                known = 0;
                if ((epoch + 1) * EPOCH_LINES / epochs > epoch * EPOCH_LINES / epochs) {
                    stage.milestone();
                }
            }
            stage.finish();
        }
        return Optional.of(new Losses(firstLoss, loss, steps));
    }

    /** How many steps are made, those before included. */
    public int steps() {
        return steps;
    }

    /** Returns the epoch to go on in. */
    private int resume(Progress progress) {
        if (checkpoints.before().isEmpty()) {
            return 0;
        }
        AdapterCheckpoint before = checkpoints.before().get();
        try {
            fitting.resume(before.snapshot());
        } catch (IllegalArgumentException other) {
            throw checkpoints.unfit(other);
        }
        steps = before.snapshot().steps();
        EpochPlace place = EpochPlace.after(steps, perEpoch);
        firstLoss = before.firstLoss();
        lossSum = before.lossSum();
        known = place.steps();
        progress.say("Resumed after " + steps + " of " + (long) epochs * perEpoch + " steps, in epoch "
                + (place.epoch() + 1) + " of " + epochs + ".");
        return place.epoch();
    }

    /** Whether there was time for all of its steps. */
    private boolean epoch(int number, Stopping stopping, Progress.Stage stage, BooleanSupplier late)
            throws IOException, InterruptedException {
        while (fitting.hasNext()) {
            if (stopping.isAsked()) {
                throw interrupted(number, stage);
            }
            learn(step(number), number, stage);
            steps++;
            stage.step(1);
            if (late.getAsBoolean() && (fitting.hasNext() || number < epochs)) {
                return false;
            }
            if (checkpoints.isDue(steps)) {
                keep(number, stage);
            }
        }
        return true;
    }

    private double[] step(int epoch) throws IOException {
        try {
            return fitting.step();
        } catch (ArithmeticException notFinite) { // what preconditions gradients sees it before the loss does
            checkpoints.remove();
            throw new BadInputException(
                    "the training fails in epoch " + epoch + ", " + notFinite.getMessage()
                            + ": a smaller --lr may help",
                    notFinite);
        }
    }

    private void learn(double[] losses, int epoch, Progress.Stage stage) throws IOException {
        for (double loss : losses) {
            firstLoss = Double.isNaN(firstLoss) ? loss : firstLoss;
            lossSum += loss;
            known++;
            if (!Double.isFinite(loss)) {
                checkpoints.remove();
                throw new BadInputException("the loss is " + loss + " in epoch " + epoch + ": a smaller --lr may help");
            }
            stage.note(String.format(Locale.ROOT, "epoch %d of %d, loss %.4f", epoch, epochs, lossSum / known));
        }
    }

    private void keep(int epoch, Progress.Stage stage) throws IOException {
        learn(fitting.losses(), epoch, stage);
        checkpoints.keep(fitting::snapshot, firstLoss, lossSum);
    }

    private InterruptedException interrupted(int epoch, Progress.Stage stage) throws IOException {
        if (steps > 0) {
            keep(epoch, stage);
        }
        return new InterruptedException(checkpoints.howToGoOn().orElse("Nothing was learnt yet."));
    }
}
