package org.amend4j.unlearn;

import java.util.Objects;
import org.amend4j.check.Checks;
import org.amend4j.descent.Evidence;
import org.amend4j.privacy.FloatSlack;
import org.amend4j.privacy.Summation;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;

/** What computing in double precision adds to a step of an objective, and how that is known. */
public sealed interface RoundingModel {

    /**
     * How far a computed step can be from the exact one made from the same point.
     *
     * @param parameterNorm a bound of ‖θ‖
     */
    double ofStep(LedgerStep step, double parameterNorm);

    /** How it is known. */
    Evidence evidence();

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
        public Evidence evidence() {
            return Evidence.PROVED;
        }

        @Override
        public String reason() {
            return "rounding analysis of a linear head, " + summation + " sums";
        }
    }

    /**
     * The user says how exact a gradient is: {@code error <= relative·(η·s·G + ‖θ‖)}, s the records of the step over its
     * normaliser.
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
        public Evidence evidence() {
            return Evidence.ASSUMED;
        }

        @Override
        public String reason() {
            return "the user says that a step is exact to " + relative;
        }
    }
}
