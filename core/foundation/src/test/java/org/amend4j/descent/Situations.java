/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.numeric.Vectors;
import org.amend4j.objective.LowRankObjective;

/** A point as step rules see it, with everything measured. */
final class Situations {

    private Situations() {}

    static Situation at(LowRankObjective objective, double[] theta, double[] gradient) {
        double[] norms = new double[objective.adapters().size()];
        double loss = objective.valueAndGradient(theta, gradient, norms);
        ParameterLayout layout = ParameterLayout.of(objective);
        double gradientNorm = Vectors.compensatedNorm(gradient);
        return new Situation(
                loss,
                gradientNorm,
                layout.adapterNorm(theta),
                layout.states(theta, gradient, norms, StepRule.Needs.SPECTRAL_NORMS, 1),
                layout.directNorm(gradient),
                ProblemShape.of(objective),
                Double.NaN,
                Rounding.ofValue(objective.precision(), loss, gradientNorm, Vectors.compensatedNorm(theta)));
    }

    static double[] moved(double[] theta, double step, double[] gradient) {
        double[] next = theta.clone();
        for (int i = 0; i < next.length; i++) {
            next[i] -= step * gradient[i];
        }
        return next;
    }
}
