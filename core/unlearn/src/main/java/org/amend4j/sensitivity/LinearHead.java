/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * Losses on the output of one linear layer, {@code z = x̃·θ}. If every feature row {@code x̃ = (x, 1)} has {@literal norm <= X}, enforced
 * by clipping rows to a public radius, then G and L follow, and every loss is convex (docs/unlearning.md, "Linear heads").
 */
public sealed interface LinearHead {

    /** A bound of the gradient with respect to the outputs z. */
    double outputGradient();

    /** A bound of the Hessian with respect to the outputs, in the spectral norm. */
    double outputCurvature();

    /** How a head's own numbers are known. */
    default Assurance assurance() {
        return Assurance.PROVED;
    }

    /**
     * G and L of one record's loss in θ, convex; rounded up.
     *
     * @param featureRadius X, a bound of ‖x̃‖, the constant feature included; > 0
     */
    default LossBounds bounds(double featureRadius) {
        Checks.positive("the radius of the features", featureRadius);
        String why = getClass().getSimpleName() + " on features of norm <= " + featureRadius;
        double g = Upward.multiply(gradientAt(featureRadius), featureRadius);
        double l = Upward.multiply(outputCurvature(), Upward.square(featureRadius));
        return LossBounds.of(new Constant(g, assurance(), why), Constant.proved(l, why), LossCurvature.CONVEX);
    }

    /** {@link #outputGradient} where it depends on the features. */
    default double gradientAt(double featureRadius) {
        return outputGradient();
    }

    /** One output, logistic loss, a label in [0, 1]: G = X, L = X²/4. */
    record Logistic() implements LinearHead {

        @Override
        public double outputGradient() {
            return 1;
        }

        @Override
        public double outputCurvature() {
            return 0.25;
        }
    }

    /** Softmax and cross-entropy, the label a distribution, hard or soft: G = √2·X, L = X²/2. */
    record Softmax() implements LinearHead {

        @Override
        public double outputGradient() {
            return Upward.sqrt(2);
        }

        /** {@code diag(p) - ppᵀ} has no eigenvalue above ½. */
        @Override
        public double outputCurvature() {
            return 0.5;
        }
    }

    /**
     * Independent logistic losses, added: G = √k·X, L = X²/4.
     *
     * @param outputs k, >= 1
     */
    record Sigmoids(int outputs) implements LinearHead {

        /** @throws IllegalArgumentException if the number of outputs is out of its range */
        public Sigmoids {
            Checks.atLeast(1, "the number of outputs", outputs);
        }

        @Override
        public double outputGradient() {
            return Upward.sqrt(outputs);
        }

        @Override
        public double outputCurvature() {
            return 0.25;
        }
    }

    /**
     * Half the squared residual of one output, with the parameters projected on a ball: G = (RX + Y)·X, L = X².
     *
     * @param parameterRadius R, {@code ‖θ‖ <= R}; > 0
     * @param largestLabel Y, {@code |y| <= Y}; >= 0
     */
    record SquaredError(double parameterRadius, double largestLabel) implements LinearHead {

        /** @throws IllegalArgumentException if a number is out of its range */
        public SquaredError {
            Checks.positive("the radius of the parameters", parameterRadius);
            Checks.notNegative("the largest label", largestLabel);
        }

        /** Not bounded without the features' radius. */
        @Override
        public double outputGradient() {
            return Double.POSITIVE_INFINITY;
        }

        @Override
        public double gradientAt(double featureRadius) {
            return Upward.add(Upward.multiply(parameterRadius, featureRadius), largestLabel);
        }

        @Override
        public double outputCurvature() {
            return 1;
        }

        /** The projection makes R true. */
        @Override
        public Assurance assurance() {
            return Assurance.ENFORCED;
        }

        @Override
        public LossBounds bounds(double featureRadius) {
            return LinearHead.super
                    .bounds(featureRadius)
                    .withDiameter(Constant.enforced(2 * parameterRadius, "projection of the parameters"));
        }
    }
}
