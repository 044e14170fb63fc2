/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;
import org.amend4j.performance.NoisyBound;
import org.amend4j.unlearn.Prospect;

/**
 * The loss on the retained records and the norm of its gradient, measured and compared with their bounds. Numbers after
 * noise are NaN if no noise is admissible.
 *
 * @param start loss at the checkpoint
 * @param unlearned before noise
 * @param released after it: the mean loss over the draws, the root of the mean of squares of the gradient, and bounds of their
 *     expectations
 */
public record Utility(double start, Measured unlearned, Measured released) {

    /**
     * What was measured beside its bounds.
     *
     * @param loss on the retained records
     * @param lossBound at most
     * @param gradient the norm of its gradient
     * @param gradientBound at most
     */
    public record Measured(double loss, double lossBound, double gradient, double gradientBound) {}

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
                new Measured(
                        loss,
                        promised.descent().loss(),
                        norm,
                        promised.descent().gradient()),
                new Measured(
                        losses / draws,
                        promised.released().map(NoisyBound::loss).orElse(Double.NaN),
                        Math.sqrt(squares / draws),
                        promised.released().map(NoisyBound::gradient).orElse(Double.NaN)));
    }

    /** For JSON. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("startLoss", start);
        facts.put("loss", unlearned.loss());
        facts.put("lossBound", unlearned.lossBound());
        facts.put("gradient", unlearned.gradient());
        facts.put("gradientBound", unlearned.gradientBound());
        if (!Double.isNaN(released.loss())) {
            facts.put("releasedLoss", released.loss());
            facts.put("releasedLossBound", released.lossBound());
            facts.put("releasedGradient", released.gradient());
            facts.put("releasedGradientBound", released.gradientBound());
        }
        return facts;
    }
}
