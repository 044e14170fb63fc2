/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.network.TiesParameters.Tie;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.internal.validation.Checks;

/**
 * What a step does, in Deeplearning4j's order: gradients of tied parameters are added up, gradients of the batch's mean loss that are too
 * long are shortened, L2 penalties are added to them, the update rule moves the parameters, which also decay, and copies are made again.
 *
 * @param update rule of the steps
 * @param ties parameters that are one with others
 * @param rates what parameters learn at, all of them, in their order
 * @param limits of gradients' norms
 * @param penalties on parameters
 */
record TrainingRule(
        UpdateRule update, List<Tie> ties, List<Rate> rates, List<NormLimit> limits, List<Penalty> penalties) {

    TrainingRule {
        ties = List.copyOf(ties);
        rates = joined(rates);
        limits = List.copyOf(limits);
        penalties = List.copyOf(penalties);
    }

    /**
     * Consecutive parameters of the vector.
     *
     * @param offset the first
     * @param length how many, at least 1
     */
    record Range(long offset, long length) {}

    /**
     * How fast parameters learn.
     *
     * @param factor on the rate of the update rule, > 0
     */
    record Rate(Range range, double factor) {
        Rate {
            Checks.positive("the factor of a learning rate", factor);
        }

        private boolean goesOnIn(Rate next) {
            return factor == next.factor && range.offset() + range.length() == next.range.offset();
        }
    }

    /** Fewest: neighbours that learn alike are one. */
    private static List<Rate> joined(List<Rate> rates) {
        List<Rate> joined = new ArrayList<>();
        for (Rate rate : rates) {
            Rate last = joined.isEmpty() ? rate : joined.get(joined.size() - 1);
            if (last.goesOnIn(rate)) {
                long length = last.range().length() + rate.range().length();
                joined.set(joined.size() - 1, new Rate(new Range(last.range().offset(), length), rate.factor()));
            } else {
                joined.add(rate);
            }
        }
        return List.copyOf(joined);
    }

    /**
     * A gradient that is shortened where it is longer than this: {@code ClipL2PerLayer}, {@code ClipL2PerParamType}, or of all
     * parameters ({@link GradientNormLimit}).
     *
     * @param most in (0, ∞)
     */
    record NormLimit(Range range, double most) {
        NormLimit {
            Checks.positive("the largest norm of a gradient", most);
        }
    }

    /**
     * What pulls parameters towards 0.
     *
     * @param l2 added to the gradient, times the parameter
     * @param decay the part of a parameter that a step takes away
     * @param decayByRate the same, times the learning rate: AdamW's decay (Loshchilov and Hutter, arXiv 1711.05101, as it is commonly
     *     implemented)
     */
    record Penalty(Range range, double l2, double decay, double decayByRate) {

        /** What a step with this learning rate leaves of a parameter. */
        double kept(double rate) {
            return 1 - decay - rate * decayByRate;
        }
    }
}
