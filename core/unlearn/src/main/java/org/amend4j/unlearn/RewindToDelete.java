/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.util.Arrays;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;

/**
 * Learning by gradient descent, and unlearning by going back to a checkpoint and redoing the rest without the deleted records
 * (Mu and Klabjan, "Rewind-to-Delete", arXiv 2409.09778):
 *
 * <pre>  θ_{t+1} = Π[θ_t - η_t·∇J_{S_t}(θ_t)],   S_t = the step's records less the deleted ones. </pre>
 *
 * A step without remaining records still applies the weight decay. The result has no noise yet. Equal sets give equal bytes:
 * learning on fewer records is the retraining that unlearning is compared with, and a rewind over steps that never used a deleted
 * record ends with its bytes. A stopped run resumes bit-identically from the vault's last checkpoint. With noise during training,
 * all this holds between two draws of it.
 */
public final class RewindToDelete {

    private final RecordObjective objective;
    private final Recipe recipe;
    private final Optional<ConvergenceBound> convergence;

    /**
     * Runs on an objective, without convergence.
     *
     * @param objective on all records, see {@link #RewindToDelete(RecordObjective, Recipe, Optional)}
     * @throws IllegalArgumentException if batches would be divided by their own size, or the recipe is one until the gradient is small
     */
    public RewindToDelete(RecordObjective objective, Recipe recipe) {
        this(objective, recipe, Optional.empty());
    }

    /**
     * Runs on an objective.
     *
     * @param objective on all records, with the normaliser and the weight decay of every step; exact rewinds are exact in any
     *     precision, bounds want double
     * @param convergence what a small gradient proves; empty if it proves nothing, or deletions by convergence are not wanted
     * @throws IllegalArgumentException if batches would be divided by their own size, or a recipe until the gradient is small has no
     *     bound, or one of another norm
     */
    public RewindToDelete(RecordObjective objective, Recipe recipe, Optional<ConvergenceBound> convergence) {
        if (!(recipe.batches() instanceof WholeSet)
                && objective.fixedNormaliser().isEmpty()) {
            throw new IllegalArgumentException("mini-batches must be divided by a fixed normaliser, got the mean");
        }
        recipe.balls().forEach(ball -> IndexRange.requireAscending(ball.ranges(), objective.dimension()));
        requireBound(recipe, convergence);
        this.objective = objective;
        this.recipe = recipe;
        this.convergence = convergence;
    }

    private static void requireBound(Recipe recipe, Optional<ConvergenceBound> convergence) {
        if (recipe.stepSizes() instanceof StepSizes.UntilGradient until) {
            double bound = convergence
                    .orElseThrow(() -> new IllegalArgumentException(
                            "a run until the gradient is small must have a bound of what that proves, got none"))
                    .gradientNorm();
            if (bound != until.gradientNorm()) {
                throw new IllegalArgumentException("a run until the gradient is at most " + until.gradientNorm()
                        + " must have the bound of that norm, got the one of " + bound);
            }
        }
    }

    /**
     * What a small gradient proves about its models; empty if nothing, if noise on the way rules it out, or if steps use a part of the
     * records: they descend on another loss than the sum of all over the normaliser.
     */
    public Optional<ConvergenceBound> convergence() {
        return convergence.filter(bound -> recipe.noise().isEmpty() && recipe.batches() instanceof WholeSet);
    }

    /** How the model is trained. */
    public Recipe recipe() {
        return recipe;
    }

    /** What is descended on, on all records. */
    public RecordObjective objective() {
        return objective;
    }

    /**
     * The start, moved into the balls: θ₀.
     *
     * @param start [dimension]; only read
     */
    public double[] start(double[] start) {
        Vectors.requireLength("the start", start, objective.dimension());
        double[] theta = start.clone();
        recipe.projectInPlace(theta);
        return theta;
    }

    /**
     * Learns without some records, from a start or from a vault's last checkpoint, to the end.
     *
     * @param start [dimension]; only read
     * @param without records that are not to be used; must be known
     * @param vault filled; if it holds checkpoints, they must be of this very run
     * @param progress told of every step made
     * @return θ_T
     * @throws ArithmeticException if a parameter is not finite any more; the vault keeps the checkpoints from before
     * @throws IllegalArgumentException if the vault holds another start
     */
    public double[] learn(double[] start, RecordIds without, CheckpointVault vault, StepListener progress)
            throws IOException, InterruptedException {
        double[] theta = start(start);
        NavigableSet<Integer> kept = vault.steps();
        if (kept.isEmpty()) {
            vault.keep(0, theta);
        } else if (!kept.contains(0) || !Arrays.equals(vault.read(0), theta)) {
            throw new IllegalArgumentException("the vault must hold the run's start, got another one");
        }
        return resume(without, vault, progress);
    }

    /**
     * Goes back to a checkpoint and redoes the rest without some records. Checkpoints after it are destroyed first, since they
     * belong to no trajectory any more, and then replaced by those of the redone steps.
     *
     * @param checkpoint a step that the vault holds
     * @param without all records deleted so far
     * @return θ_T of the new trajectory
     */
    public double[] rewind(int checkpoint, RecordIds without, CheckpointVault vault, StepListener progress)
            throws IOException, InterruptedException {
        if (!vault.steps().contains(checkpoint)) {
            throw new IllegalArgumentException(
                    "a rewind must go to one of the checkpoints " + vault.steps() + ", got " + checkpoint);
        }
        vault.destroyFrom(checkpoint + 1);
        return resume(without, vault, progress);
    }

    /**
     * Goes on from a vault's last checkpoint to the end. Checkpoints are stored in their order while later steps are made. When this
     * returns or fails, all that were due are safe, up to the first one that could not be stored.
     *
     * @param without records that are not to be used, the same ones as before it stopped
     * @param vault must not be used otherwise meanwhile, not even by the listener
     * @throws IOException if a checkpoint cannot be read or kept
     * @throws IllegalArgumentException if the vault is empty
     */
    public double[] resume(RecordIds without, CheckpointVault vault, StepListener progress)
            throws IOException, InterruptedException {
        NavigableSet<Integer> kept = vault.steps();
        if (kept.isEmpty()) {
            throw new IllegalArgumentException("a vault must hold a checkpoint to resume from, got none");
        }
        int first = kept.last();
        double[] theta = vault.read(first);
        Steps steps = new Steps(without);
        try (CheckpointWriter writer = new CheckpointWriter(vault)) {
            for (int t = first; t < recipe.steps(); t++) {
                steps.make(t, theta, progress);
                if (recipe.isNoisyAfter(t + 1)) {
                    double[] raw = theta;
                    theta = recipe.noise().orElseThrow().addTo(raw);
                    Arrays.fill(raw, 0);
                }
                progress.madeStep(t + 1, recipe.steps());
                boolean stop = Thread.interrupted();
                if (recipe.isKept(t + 1) || stop) {
                    writer.keep(t + 1, theta);
                }
                if (stop) {
                    throw new InterruptedException("stopped after step " + (t + 1) + " of " + recipe.steps());
                }
            }
        }
        return theta;
    }

    /**
     * Goes on from a point until the gradient on the retained records is small enough for {@link #convergence}, which proves how close
     * the result is to any other that is as far; where it began is forgotten.
     *
     * @param from [dimension]; only read
     * @param without all records deleted so far
     * @param progress told of every Newton step
     * @throws IllegalStateException if nothing is proved by a small gradient
     * @throws ArithmeticException if the gradient stops falling before it is small
     */
    public double[] converge(double[] from, RecordIds without, StepListener progress) throws InterruptedException {
        Vectors.requireLength("the start", from, objective.dimension());
        RecordIds retained = objective.records().without(without);
        return convergedOn(
                retained.size() == objective.records().size() ? objective : objective.restrictedTo(retained),
                from,
                progress);
    }

    private double[] convergedOn(RecordObjective retained, double[] from, StepListener progress)
            throws InterruptedException {
        ConvergenceBound bound = convergence()
                .orElseThrow(() -> new IllegalStateException("a small gradient proves nothing about this model"));
        return NewtonDescent.run(retained, bound, from, progress);
    }

    /**
     * Steps in memory, without checkpoints: a cold run from θ₀, or a descent to delete that continues from θ_T.
     *
     * @param from [dimension]; only read
     * @param steps how many, >= 0; the k-th has the step size and the batch of step k
     * @param without records that are not to be used
     * @throws CancellationException if the thread is interrupted before a gradient is small; it stays interrupted
     */
    public double[] run(double[] from, int steps, RecordIds without) {
        double[] theta = start(from);
        Steps made = new Steps(without);
        for (int t = 0; t < steps; t++) {
            made.makeUninterrupted(t, theta);
        }
        return theta;
    }

    /**
     * Some steps on all records in memory, from anywhere.
     *
     * @param from θ at the first of them, [dimension]; only read, and not moved into the balls
     * @param first the first step
     * @param end the one that is not made any more
     * @param made told of every point on the way, the last one included; must not change it
     */
    public double[] replay(double[] from, int first, int end, PointListener made) throws IOException {
        Vectors.requireLength("the point to replay from", from, objective.dimension());
        Checks.inRange(0, end, "the first step of a replay", first);
        Checks.inRange(first, recipe.steps(), "the end of a replay", end);
        double[] theta = from.clone();
        Steps steps = new Steps(RecordIds.of());
        for (int t = first; t < end; t++) {
            steps.makeUninterrupted(t, theta);
            made.reached(t + 1, theta);
        }
        return theta;
    }

    /** Is told of the points of a replay. */
    @FunctionalInterface
    public interface PointListener {

        /** The parameters after so many steps of the run. */
        void reached(int step, double[] theta) throws IOException;
    }

    /** Steps on what remains of the records. */
    private final class Steps {
        private final RecordIds retained;
        private final double[] gradient = new double[objective.dimension()];
        private RecordIds lastBatch = RecordIds.of();
        private RecordObjective restricted = objective;

        Steps(RecordIds without) {
            this.retained = objective.records().without(without);
        }

        void makeUninterrupted(int t, double[] theta) {
            try {
                make(t, theta, StepListener.NONE);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw (CancellationException)
                        new CancellationException(String.valueOf(stopped.getMessage())).initCause(stopped);
            }
        }

        /** Overwrites θ_t with θ_{t+1}. */
        void make(int t, double[] theta, StepListener progress) throws InterruptedException {
            RecordIds batch = recipe.batches().at(retained, t);
            if (recipe.isUntilGradient()) {
                double[] end = convergedOn(on(batch), theta, progress);
                System.arraycopy(end, 0, theta, 0, theta.length);
                return;
            }
            double eta = recipe.stepSizes().at(t);
            if (batch.isEmpty()) {
                requireFixed();
                double decay = 1 - eta * objective.weightDecay();
                Arrays.setAll(theta, i -> decay * theta[i]);
            } else {
                on(batch).gradient(theta, gradient);
                Arrays.setAll(theta, i -> theta[i] - eta * gradient[i]);
            }
            recipe.projectInPlace(theta);
            requireFinite(t, theta);
        }

        private void requireFixed() {
            if (objective.fixedNormaliser().isEmpty()) {
                throw new IllegalArgumentException("a mean must have records, got none: everything was deleted");
            }
        }

        // full batches hand out the same object every time
        @SuppressWarnings("ReferenceEquality")
        private RecordObjective on(RecordIds batch) {
            if (batch != lastBatch) {
                restricted = batch.size() == objective.records().size() ? objective : objective.restrictedTo(batch);
                lastBatch = batch;
            }
            return restricted;
        }

        private void requireFinite(int t, double[] theta) {
            for (int i = 0; i < theta.length; i++) {
                if (!Double.isFinite(theta[i])) {
                    throw new ArithmeticException(
                            "parameters must stay finite, got " + theta[i] + " at " + i + " after step " + (t + 1));
                }
            }
        }
    }

    /**
     * What step t does, as far as the bounds need to know.
     *
     * @throws IllegalStateException if the objective computes in float: its rounding is above most bounds
     */
    public StepMap map(int t) {
        if (objective.precision() != Precision.DOUBLE) {
            throw new IllegalStateException(
                    "bounds on what a deletion leaves behind need an objective in DOUBLE, got FLOAT:"
                            + " its rounding is above most of them");
        }
        return new StepMap(recipe.stepSizes().at(t), objective.weightDecay(), normaliser());
    }

    /** What sums over records are divided by. */
    Normaliser normaliser() {
        OptionalDouble fixed = objective.fixedNormaliser();
        return fixed.isPresent() ? new Normaliser.Fixed(fixed.getAsDouble()) : new Normaliser.Mean();
    }

    /**
     * Notes a whole run in an empty ledger, or its steps before the noise if noise is added on the way. Of a run until the gradient is
     * small nothing is noted: its end depends on no steps, and only its start can be rewound to.
     *
     * @param kept steps with stored checkpoints; those after the noise count as the one with the noise
     */
    public void note(ContaminationLedger ledger, Iterable<Integer> kept) {
        if (recipe.isUntilGradient()) {
            return;
        }
        int bounded = recipe.boundedSteps();
        for (int t = 0; t < bounded; t++) {
            ledger.append(new LedgerStep(map(t), recipe.batches().at(objective.records(), t)));
        }
        kept.forEach(step -> ledger.keep(Math.min(step, bounded)));
    }
}
