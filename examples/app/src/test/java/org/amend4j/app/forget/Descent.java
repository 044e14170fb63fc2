/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import org.amend4j.objective.Objective;

/** Gradient descent in its plainest form. */
final class Descent {

    private Descent() {}

    /** {@code θ ← θ - η∇f(θ)}, so many times; a new vector. */
    static double[] run(Objective objective, double[] start, double stepSize, int steps) {
        double[] theta = start.clone();
        double[] gradient = new double[theta.length];
        for (int t = 0; t < steps; t++) {
            objective.valueAndGradient(theta, gradient);
            for (int i = 0; i < theta.length; i++) {
                theta[i] -= stepSize * gradient[i];
            }
        }
        return theta;
    }
}
