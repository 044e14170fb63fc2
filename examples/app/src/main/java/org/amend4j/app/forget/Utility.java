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
 * @param loss of the unlearned parameters, before noise
 * @param lossBound at most
 * @param gradient its norm, before noise
 * @param gradientBound at most
 * @param releasedLoss mean over the draws of noise
 * @param releasedLossBound the expectation is at most
 * @param releasedGradient root of the mean of squares over the draws
 * @param releasedGradientBound at most, in expectation
 */
public record Utility(
        double start,
        double loss,
        double lossBound,
        double gradient,
        double gradientBound,
        double releasedLoss,
        double releasedLossBound,
        double releasedGradient,
        double releasedGradientBound) {

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
                loss,
                promised.descent().loss(),
                norm,
                promised.descent().gradient(),
                losses / draws,
                promised.released().map(NoisyBound::loss).orElse(Double.NaN),
                Math.sqrt(squares / draws),
                promised.released().map(NoisyBound::gradient).orElse(Double.NaN));
    }

    /** For JSON. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("startLoss", start);
        facts.put("loss", loss);
        facts.put("lossBound", lossBound);
        facts.put("gradient", gradient);
        facts.put("gradientBound", gradientBound);
        if (!Double.isNaN(releasedLoss)) {
            facts.put("releasedLoss", releasedLoss);
            facts.put("releasedLossBound", releasedLossBound);
            facts.put("releasedGradient", releasedGradient);
            facts.put("releasedGradientBound", releasedGradientBound);
        }
        return facts;
    }
}
