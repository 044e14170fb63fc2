/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Objects;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Upward;
import org.amend4j.privacy.FloatSlack;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;

/** The rounding error that double precision adds to a step of an objective, and how it is known. */
public sealed interface RoundingModel {

    /**
     * How far a computed step can be from the exact one made from the same point.
     *
     * @param parameterNorm a bound of ‖θ‖
     */
    double ofStep(LedgerStep step, double parameterNorm);

    /**
     * How far the computed gradient of {@code (1/N)·Σ ℓ + (λ/2)‖θ‖²} can be from the exact one at the same point; rounded up.
     *
     * @param records how many are in the sum, >= 1
     * @param normaliser N, > 0
     * @param weightDecay λ, >= 0
     * @param parameterNorm a bound of ‖θ‖
     */
    double ofGradient(long records, double normaliser, double weightDecay, double parameterNorm);

    /** How it is known. */
    Assurance assurance();

    /** Where it comes from, in a few words. */
    String reason();

    /**
     * A logistic or softmax head on feature rows (docs/privacy.md, (7)).
     *
     * @param summation how records' gradients are added
     * @param gradientBound G, > 0
     * @param featureRadius X, > 0
     * @param inputs features of a record, the constant 1 included
     * @param logits 1 for a logistic head, more for softmax
     */
    record Head(Summation summation, double gradientBound, double featureRadius, int inputs, int logits)
            implements RoundingModel {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Head {
            Objects.requireNonNull(summation, "summation");
            Checks.positive("G, the bound of the gradients,", gradientBound);
            Checks.positive("the radius of the features", featureRadius);
            Checks.atLeast(1, "the number of inputs", inputs);
            Checks.atLeast(1, "the number of logits", logits);
        }

        @Override
        public double ofStep(LedgerStep step, double parameterNorm) {
            int records = Math.max(1, step.used().size());
            double normaliser = step.map().normaliser() instanceof Normaliser.Fixed fixed ? fixed.divisor() : records;
            return new FloatSlack(summation, records, normaliser, gradientBound, featureRadius, inputs, logits)
                    .ofStep(step.map().stepSize(), parameterNorm);
        }

        @Override
        public double ofGradient(long records, double normaliser, double weightDecay, double parameterNorm) {
            return new FloatSlack(summation, records, normaliser, gradientBound, featureRadius, inputs, logits)
                    .ofGradient(weightDecay, parameterNorm);
        }

        @Override
        public Assurance assurance() {
            return Assurance.PROVED;
        }

        @Override
        public String reason() {
            return "rounding analysis of a linear head, " + summation + " sums";
        }
    }

    /**
     * The factor B of an adapter on a logistic or softmax output layer, {@code z = x·W₀ + b + s·(x·A)·B}, A fixed. With u = 2^-53,
     * c logits and X, a, w bounds of ‖x‖, s‖A‖ and ‖(W₀, b)‖ (Frobenius), products of nIn and r terms in any order err by at
     * most
     *
     * <pre>
     *   residual   ½u·[(nIn + 4 + √(2c))·(X + 1)·w + (nIn + r + 5 + √(2c))·X·a·‖B‖] + (8 + c)·u
     *   step       η(k/B)·X·a·[(γ + (nIn + 4)·u)·g₀ + residual] + 4u·‖B‖
     * </pre>
     *
     * in the same way as docs/privacy.md, (7): every logit is the sum of two products, and a row of the gradient is the residual
     * times s·x·A, which is itself rounded.
     *
     * @param summation how records' gradients are added
     * @param outputGradient g₀, a bound of the residual's norm
     * @param featureRadius X, without the constant feature
     * @param slope a
     * @param baseNorm w, >= 0
     * @param inputs nIn
     * @param rank r
     * @param logits c; 8 for a logistic head of Deeplearning4j
     */
    record AdaptedHead(
            Summation summation,
            double outputGradient,
            double featureRadius,
            double slope,
            double baseNorm,
            int inputs,
            int rank,
            int logits)
            implements RoundingModel {

        private static final double UNIT = 0x1p-53;
        private static final double UP = 1 + 1e-12;

        /** @throws IllegalArgumentException if a number is out of its range */
        public AdaptedHead {
            Objects.requireNonNull(summation, "summation");
            Checks.positive("the bound of the output's gradient", outputGradient);
            Checks.positive("the radius of the features", featureRadius);
            Checks.positive("the slope of the adapter", slope);
            Checks.notNegative("the norm of the base's weights", baseNorm);
            Checks.atLeast(1, "the number of inputs", inputs);
            Checks.atLeast(1, "the rank", rank);
            Checks.atLeast(1, "the number of logits", logits);
        }

        @Override
        public double ofStep(LedgerStep step, double parameterNorm) {
            int records = Math.max(1, step.used().size());
            double share = step.map().normaliser() instanceof Normaliser.Fixed fixed ? records / fixed.divisor() : 1;
            double gamma = summation.relativeError(records) + (inputs + 4) * UNIT;
            double pull = featureRadius * slope * (gamma * outputGradient + residual(parameterNorm));
            return (step.map().stepSize() * share * pull + 4 * UNIT * parameterNorm) * UP;
        }

        /** {@code (k/B)·X·a·[(γ + (nIn + 8)·u)·g₀ + residual] + 4u·λ·‖B‖} (docs/privacy.md, (10)). */
        @Override
        public double ofGradient(long records, double normaliser, double weightDecay, double parameterNorm) {
            double relative = summation.relativeError(records) + (inputs + 8) * UNIT;
            double pull = featureRadius * slope * (relative * outputGradient + residual(parameterNorm));
            return (records / normaliser * pull + 4 * UNIT * weightDecay * parameterNorm) * UP;
        }

        private double residual(double parameterNorm) {
            double root = Math.sqrt(2.0 * logits);
            double fromBase = (inputs + 4 + root) * (featureRadius + 1) * baseNorm;
            double fromAdapter = (inputs + rank + 5 + root) * featureRadius * slope * parameterNorm;
            return UNIT * ((fromBase + fromAdapter) / 2 + 8 + logits);
        }

        @Override
        public Assurance assurance() {
            return Assurance.PROVED;
        }

        @Override
        public String reason() {
            return "rounding analysis of an adapter on a linear head, " + summation + " sums";
        }
    }

    /**
     * The user says how exact a step is: {@code error <= relative·(η·s·G + ‖θ‖)}, s the records of the step over its
     * normaliser; and a gradient: {@code error <= relative·(s·G + λ·‖θ‖)}.
     *
     * @param relative > 0
     * @param gradientBound G, > 0
     */
    record Assumed(double relative, double gradientBound) implements RoundingModel {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Assumed {
            Checks.positive("the relative rounding of a step", relative);
            Checks.positive("G, the bound of the gradients,", gradientBound);
        }

        @Override
        public double ofStep(LedgerStep step, double parameterNorm) {
            double pull =
                    step.map().normaliser().lipschitz(gradientBound, step.used().size());
            return relative * (step.map().stepSize() * pull + parameterNorm);
        }

        @Override
        public double ofGradient(long records, double normaliser, double weightDecay, double parameterNorm) {
            double pull = Upward.multiply(Upward.divide((double) records, normaliser), gradientBound);
            return Upward.multiply(relative, Upward.add(pull, Upward.multiply(weightDecay, parameterNorm)));
        }

        @Override
        public Assurance assurance() {
            return Assurance.ASSUMED;
        }

        @Override
        public String reason() {
            return "the user says that a step is exact to " + relative;
        }
    }
}
