/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.numeric.Vectors;
import org.amend4j.policy.Policy;

/** Makes ascent steps on a policy's parameters, with the optimiser's memory of earlier steps. */
public final class GradientAscent {

    private final Optimizer.Memory memory;
    private final double mostNorm;

    /** Before the first step. */
    public GradientAscent(Policy policy, OptimizerConfig climb) {
        memory = climb.optimizer().begin(policy.dimension());
        mostNorm = climb.mostNorm();
    }

    /**
     * One step.
     *
     * @param gradient overwritten
     * @return the gradient's norm before it was shortened
     */
    public double step(Policy policy, double[] gradient, double rate) {
        double norm = Vectors.normInOrder(gradient);
        if (norm > mostNorm) {
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= mostNorm / norm;
            }
        }
        double[] theta = policy.parameters();
        memory.ascendInPlace(theta, gradient, rate);
        policy.setParameters(theta);
        return norm;
    }

    /** Adds what the next step depends on. */
    public void save(TrainingState state) {
        memory.save(state);
    }

    /** Takes up what {@link #save} added. */
    public void restore(TrainingState state) {
        memory.restore(state);
    }
}
