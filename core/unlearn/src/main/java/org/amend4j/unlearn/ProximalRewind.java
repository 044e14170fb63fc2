/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;

/**
 * Reconstructs a checkpoint that was not kept, by inverting gradient steps: θ_t solves {@code θ_{t+1} = θ_t - η_t·∇J(θ_t)},
 * which is a step of the proximal point method on -J (Mu and Klabjan, arXiv 2409.09778), unique for {@code ηL < 1} and
 * found here by the iteration {@code θ ← θ_{t+1} + η_t·∇J(θ)}, which then contracts.
 *
 * <p><strong>Empirical, never certified.</strong> A certificate bounds the distance of two trajectories of gradient descent, and the
 * reconstructed point lies on neither; its error grows by up to (1 + ηL) at every redone step, and nothing bounds it without the
 * checkpoint itself. It also needs <em>all</em> records, the ones to be deleted among them.
 */
public final class ProximalRewind {

    private static final int MOST_ITERATIONS = 10_000;

    private final RewindToDelete run;
    private final double tolerance;

    /**
     * Reconstructs checkpoints of a run.
     *
     * @param run full batch, without projection or noise on the way, which cannot be inverted
     * @param tolerance an iteration that moves by at most this share of the norm is the last, > 0
     * @throws IllegalArgumentException if a step of the run cannot be inverted
     */
    public ProximalRewind(RewindToDelete run, double tolerance) {
        Recipe recipe = run.recipe();
        if (!(recipe.batches() instanceof WholeSet)
                || !recipe.balls().isEmpty()
                || recipe.noise().isPresent()) {
            throw new IllegalArgumentException(
                    "only full-batch steps without projection and noise can be inverted, got " + recipe);
        }
        this.run = run;
        this.tolerance = Checks.positive("the tolerance of a reconstruction", tolerance);
    }

    /**
     * A reconstructed checkpoint.
     *
     * @param step its step
     * @param theta about what the parameters were there
     * @param residual the largest {@code ‖θ_{t+1} - (θ_t - η·∇J(θ_t))‖} on the way back: how well the steps are inverted, which is
     *     not how far the point is from the true one
     * @param gradients full gradients that it took
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    public record Reconstruction(int step, double[] theta, double residual, int gradients) {

        /** What a model made from it must be called. */
        public static final String LABEL = "EMPIRICAL: rewound to a reconstructed checkpoint, nothing is certified";
    }

    /**
     * Goes back from the end.
     *
     * @param last θ_T; only read
     * @param steps how many steps back, in [0, T]
     * @throws ArithmeticException if the iteration does not contract: the step size is too long to be inverted
     */
    public Reconstruction back(double[] last, int steps) {
        return back(last, run.recipe().steps(), steps);
    }

    /**
     * Goes back from a point on the way.
     *
     * @param last the parameters after some steps; only read
     * @param end how many steps that are
     * @param steps how many steps back, in [0, end]
     * @throws ArithmeticException if the iteration does not contract: the step size is too long to be inverted
     */
    public Reconstruction back(double[] last, int end, int steps) {
        RecordObjective objective = run.objective();
        Vectors.requireLength("the last point", last, objective.dimension());
        Checks.inRange(0, run.recipe().steps(), "the step to go back from", end);
        Checks.inRange(0, end, "the number of steps to go back", steps);
        double[] theta = last.clone();
        double[] gradient = new double[theta.length];
        double worst = 0;
        int gradients = 0;
        for (int t = end - 1; t >= end - steps; t--) {
            double[] target = theta.clone();
            double eta = run.recipe().stepSizes().at(t);
            double residual = Double.POSITIVE_INFINITY;
            for (int k = 0; !(residual <= tolerance * Vectors.correctedNorm(target)); k++) { // NaN goes on, too
                if (k == MOST_ITERATIONS) {
                    throw new ArithmeticException(
                            "step " + t + " of size " + eta + " cannot be inverted: its residual stays at " + residual);
                }
                objective.valueAndGradient(theta, gradient);
                gradients++;
                residual = moveTo(target, eta, gradient, theta);
            }
            worst = Math.max(worst, residual);
        }
        return new Reconstruction(end - steps, theta, worst, gradients);
    }

    /** θ ← target + η·gradient; returns how far that is from before, which is the residual before. */
    private static double moveTo(double[] target, double eta, double[] gradient, double[] theta) {
        double squares = 0;
        for (int i = 0; i < theta.length; i++) {
            double next = target[i] + eta * gradient[i];
            squares += (next - theta[i]) * (next - theta[i]);
            theta[i] = next;
        }
        return Math.sqrt(squares);
    }
}
