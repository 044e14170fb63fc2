/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.numeric.ConjugateGradients;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.RecordObjective;

/**
 * Descends until the gradient is as small as a {@link ConvergenceBound} asks for, rounding included: inexact Newton steps, by conjugate
 * gradients, each shortened until the gradient's norm falls (Eisenstat and Walker, "Globally convergent inexact Newton methods", SIAM J.
 * Optim. 4(2), 1994). For a strongly convex function the norm of the gradient falls along every such direction, from anywhere.
 */
final class NewtonDescent {

    /** Far above what converges; a function that is not what it says ends here. */
    private static final int MOST_STEPS = 500;

    private static final int MOST_PRODUCTS = 1000;

    private static final int MOST_HALVINGS = 50;

    /** What a step must gain, of what it would gain on a linear gradient. */
    private static final double SUFFICIENT = 1e-4;

    private static final double LOOSEST = 0.1;

    private static final double TIGHTEST = 1e-6;

    private final RecordObjective objective;
    private final ConvergenceBound bound;
    private final StepListener progress;
    private double[] theta;
    private double[] gradient;
    private double norm;

    private NewtonDescent(RecordObjective objective, ConvergenceBound bound, double[] from, StepListener progress) {
        this.objective = objective;
        this.bound = bound;
        this.progress = progress;
        this.theta = from.clone();
        this.gradient = new double[from.length];
        objective.gradient(theta, gradient);
        this.norm = Upward.norm(gradient);
    }

    /**
     * A point with {@link ConvergenceBound#atMost} of at most G.
     *
     * @param objective on the records that are to be learned
     * @param from [dimension]; only read
     * @param progress told of every step
     * @throws ArithmeticException if the norm of the gradient stops falling above G
     * @throws InterruptedException if the thread was interrupted
     */
    static double[] run(RecordObjective objective, ConvergenceBound bound, double[] from, StepListener progress)
            throws InterruptedException {
        return new NewtonDescent(objective, bound, from, progress).toTheEnd();
    }

    private double[] toTheEnd() throws InterruptedException {
        for (int step = 0; !(bound.atMost(theta, gradient) <= bound.gradientNorm()); step++) {
            if (!Double.isFinite(norm) || step >= MOST_STEPS) {
                throw stopped(step);
            }
            requireNotInterrupted();
            makeStep(step);
            progress.converging(step + 1, norm, bound.gradientNorm());
        }
        return theta;
    }

    private void makeStep(int step) throws InterruptedException {
        double[] direction = ConjugateGradients.solve(
                objective.curvature(theta), gradient, tolerance(), MOST_PRODUCTS, NewtonDescent::requireNotInterrupted);
        double[] next = new double[theta.length];
        double[] slope = new double[theta.length];
        double length = 1;
        for (int halvings = 0; halvings < MOST_HALVINGS; halvings++) {
            for (int i = 0; i < next.length; i++) {
                next[i] = theta[i] - length * direction[i];
            }
            objective.gradient(next, slope);
            double reached = Upward.norm(slope);
            if (reached <= (1 - SUFFICIENT * length) * norm) {
                theta = next;
                gradient = slope;
                norm = reached;
                return;
            }
            length /= 2;
        }
        throw stopped(step);
    }

    /**
     * As tight as the gradient is small, so that convergence is quadratic; never so tight that differences cannot follow, nor tighter than
     * what is left to go.
     */
    private double tolerance() {
        double quadratic = Math.max(TIGHTEST, Math.min(LOOSEST, norm / bound.recordGradient()));
        return Math.min(LOOSEST, Math.max(quadratic, bound.gradientNorm() / 2 / norm));
    }

    private static void requireNotInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("stopped before the gradient was small");
        }
    }

    private ArithmeticException stopped(int step) {
        return new ArithmeticException("the gradient must fall to a norm of " + bound.gradientNorm() + ", got " + norm
                + " after " + step + " Newton steps, from where it falls no more");
    }
}
