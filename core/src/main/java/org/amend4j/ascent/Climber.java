package org.amend4j.ascent;

import org.amend4j.policy.Policy;

/** Steps uphill on a policy's parameters. */
final class Climber {

    private final Optimizer.Memory memory;
    private final double mostNorm;

    /**
     * @param mostNorm longer gradients are shortened to it; ∞ for never
     */
    Climber(Policy policy, Optimizer optimizer, double mostNorm) {
        memory = optimizer.begin(policy.dimension());
        this.mostNorm = mostNorm;
    }

    /**
     * One step.
     *
     * @param gradient overwritten
     * @return the gradient's norm before it was shortened
     */
    double step(Policy policy, double[] gradient, double rate) {
        double norm = norm(gradient);
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

    static double norm(double[] vector) {
        double sum = 0;
        for (double number : vector) {
            sum += number * number;
        }
        return Math.sqrt(sum);
    }

    void save(TrainingState state) {
        memory.save(state);
    }

    void restore(TrainingState state) {
        memory.restore(state);
    }
}
