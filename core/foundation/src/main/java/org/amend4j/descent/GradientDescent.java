/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Objective;

/**
 * Full-batch gradient descent, {@code θ_{t+1} = θ_t - η_t·∇J(θ_t)}, with the step sizes of a {@link StepRule}. One value and
 * gradient per step; trial evaluations by a rule are additional and counted in {@link StepRecord#evaluations}.
 *
 * <p>A run is a function of the objective, the rule and the start: resumed from any checkpoint, it ends bit-identically.
 */
public final class GradientDescent {

    private final Objective objective;
    private final StepRule rule;
    private final DescentOptions options;

    /** @throws IllegalArgumentException if the rule is not meant for the objective */
    public GradientDescent(Objective objective, StepRule rule, DescentOptions options) {
        rule.requireFor(ProblemShape.of(objective));
        this.objective = objective;
        this.rule = rule;
        this.options = options;
    }

    /**
     * Runs from a start, in memory.
     *
     * @param start θ₀, [dimension]; only read
     * @throws IllegalArgumentException if its length is wrong
     * @throws ArithmeticException as {@link #run(double[], TrajectoryStore)}
     */
    public DescentResult run(double[] start) {
        try (MemoryTrajectoryStore store = new MemoryTrajectoryStore()) {
            return run(start, store);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
    }

    /**
     * Runs from a start, or resumes from the last checkpoint of a store. If the thread is interrupted the run finishes its
     * step, keeps a checkpoint and returns; the thread stays interrupted.
     *
     * @param start θ₀, [dimension]; only read
     * @param store filled; not closed
     * @throws IllegalArgumentException if the length of the start is wrong, or the store holds another start, more steps
     *     than asked for or values that this objective does not have
     * @throws ArithmeticException if the loss, the gradient or the step is not finite where the run arrived; the store keeps
     *     the checkpoints from before
     * @throws IOException if the store cannot be read or written
     */
    public DescentResult run(double[] start, TrajectoryStore store) throws IOException {
        Vectors.requireLength("the start", start, objective.dimension());
        DescentRun run = new DescentRun(objective, rule, options, store);
        try {
            Optional<Checkpoint> latest = store.latest();
            if (latest.isPresent()) {
                requireStart(start, store);
                run.resume(latest.get());
            } else {
                run.begin(start);
            }
            return run.toTheEnd(Vectors.compensatedNorm(start));
        } finally {
            run.restoreInterrupt();
        }
    }

    private static void requireStart(double[] start, TrajectoryStore store) throws IOException {
        if (!store.checkpoints().contains(0)) {
            throw new IllegalArgumentException("a store must hold the start of its run, got checkpoints "
                    + store.checkpoints() + " without step 0");
        }
        int different = Arrays.mismatch(start, store.read(0).theta());
        if (different >= 0) {
            throw new IllegalArgumentException(
                    "the start must be the one that the store's run had, got another element " + different);
        }
    }
}
