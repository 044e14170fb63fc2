/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * What is known of a dense layer {@code h = φ(h₋·W + b)} while it trains.
 *
 * @param width the number of outputs, >= 1
 * @param activation φ; ignored in the last layer, where the loss is on {@code h₋·W + b} itself
 * @param weightNorm w, a bound of ‖W‖₂, kept by projecting W on a Frobenius ball if it is trained; > 0
 * @param biasNorm β, a bound of ‖b‖, kept likewise; >= 0
 * @param trained whether W and b are trained
 */
public record NetworkLayer(
        int width, SmoothActivation activation, double weightNorm, double biasNorm, boolean trained) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public NetworkLayer {
        Checks.atLeast(1, "the width of a layer", width);
        Objects.requireNonNull(activation, "activation");
        Checks.positive("the bound of a layer's weights", weightNorm);
        Checks.notNegative("the bound of a layer's bias", biasNorm);
    }

    /** {@code min(√width·sup|φ|, a₁·(w·H₋ + β) + √width·|φ(0)|)}, a bound of ‖h‖ for inputs up to H₋. */
    double largestOutput(double largestInput) {
        double root = Upward.sqrt(width);
        double before = Upward.add(Upward.multiply(weightNorm, largestInput), biasNorm);
        double grown =
                Upward.add(Upward.multiply(activation.slope(), before), Upward.multiply(root, activation.atZero()));
        return Math.min(Upward.multiply(root, activation.largest()), grown);
    }
}
