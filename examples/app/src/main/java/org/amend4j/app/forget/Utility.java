/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Optional;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;
import org.amend4j.performance.NoisyBound;
import org.amend4j.unlearn.Prospect;

/**
 * The loss on the retained records and the norm of its gradient, measured and compared with their bounds. Numbers after
 * noise are NaN if no noise is admissible.
 *
 * @param start loss at the checkpoint
 * @param loss of the unlearned parameters, before noise
 * @param gradient its norm, before noise
 * @param releasedLoss mean over the draws of noise; its expectation is bounded
 * @param releasedGradient root of the mean of squares over the draws; its expectation is bounded
 */
public record Utility(double start, Bounded loss, Bounded gradient, Bounded releasedLoss, Bounded releasedGradient) {

    /**
     * A measurement and its bound.
     *
     * @param bound it is promised to be at most this
     */
    public record Bounded(double measured, double bound) {}

    /**
     * Measures.
     *
     * @param retained the objective on the retained records
     * @param unlearned parameters before noise
     * @param released the same with noise, a draw each; may be empty
     */
    static Utility of(Prospect promised, RecordObjective retained, double[] unlearned, List<double[]> released) {
        double[] gradient = new double[unlearned.length];
        double loss = retained.valueAndGradient(unlearned, gradient);
        double norm = Vectors.normInOrder(gradient);
        double losses = 0;
        double squares = 0;
        for (double[] theta : released) {
            losses += retained.valueAndGradient(theta, gradient);
            squares += Math.pow(Vectors.normInOrder(gradient), 2);
        }
        int draws = released.size();
        return new Utility(
                promised.start(),
                new Bounded(loss, promised.descent().loss()),
                new Bounded(norm, promised.descent().gradient()),
                new Bounded(
                        losses / draws,
                        promised.released().map(NoisyBound::loss).orElse(Double.NaN)),
                new Bounded(
                        Math.sqrt(squares / draws),
                        promised.released().map(NoisyBound::gradient).orElse(Double.NaN)));
    }

    /** For JSON. */
    public record Facts(
            double startLoss,
            double loss,
            double lossBound,
            double gradient,
            double gradientBound,
            @JsonUnwrapped Optional<Released> released) {}

    /** Measurements with noise, each with its bound. */
    public record Released(
            double releasedLoss, double releasedLossBound, double releasedGradient, double releasedGradientBound) {}

    Facts facts() {
        return new Facts(
                start,
                loss.measured(),
                loss.bound(),
                gradient.measured(),
                gradient.bound(),
                Double.isNaN(releasedLoss.measured())
                        ? Optional.empty()
                        : Optional.of(new Released(
                                releasedLoss.measured(),
                                releasedLoss.bound(),
                                releasedGradient.measured(),
                                releasedGradient.bound())));
    }
}
