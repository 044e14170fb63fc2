/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * G and L of dense networks with smooth activations and weights kept on norm balls (docs/unlearning.md, "Smooth networks"). P_l bounds the
 * first, Q_l the second derivative of layer l's pre-activations along any unit direction of the trained parameters:
 *
 * <pre>
 *   P_1 = h̃_1,  Q_1 = 0
 *   P_l = √(h̃_l² + (w_l·a₁·P_{l-1})²)
 *   Q_l = (α + √(α² + 4β²))/2,  α = w_l·(a₂·P_{l-1}² + a₁·Q_{l-1}),  β = a₁·P_{l-1}
 *   G = g₀·P_k,  L = c₀·P_k² + g₀·Q_k
 * </pre>
 *
 * with {@code h̃_l = √(H_{l-1}² + 1)} for a trained layer with inputs up to H, and h̃ = β = 0 for a frozen one. Rounded up.
 */
public final class SmoothNetwork {

    private SmoothNetwork() {}

    /**
     * The constants of one record's loss. They rest on the balls, so that their assurance is ENFORCED: the program must
     * project W and b of every trained layer after every step.
     *
     * @param inputRadius a bound of the norm of an input, kept by clipping to a public radius; > 0
     * @param layers from below, at least one and at least one of them trained
     * @param loss the loss on the last layer's pre-activations; not the squared error, which has an unbounded gradient
     * @throws IllegalArgumentException if nothing is trained, or the loss's gradient is unbounded
     */
    public static LossBounds bounds(double inputRadius, List<NetworkLayer> layers, LinearHead loss) {
        Checks.positive("the radius of the inputs", inputRadius);
        if (layers.stream().noneMatch(NetworkLayer::trained)) {
            throw new IllegalArgumentException("at least one layer must be trained, got none of " + layers.size());
        }
        if (loss.outputGradient() == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("the loss must have a bounded gradient on the outputs, got " + loss);
        }
        Derivatives last = derivatives(inputRadius, layers);
        double g = Upward.multiply(loss.outputGradient(), last.first);
        double l = Upward.add(
                Upward.multiply(loss.outputCurvature(), Upward.square(last.first)),
                Upward.multiply(loss.outputGradient(), last.second));
        String why = "recursion over " + layers.size() + " layers on norm balls";
        return LossBounds.of(Constant.enforced(g, why), Constant.enforced(l, why), LossCurvature.NONCONVEX);
    }

    /**
     * Of the pre-activations of a layer.
     *
     * @param first P
     * @param second Q
     */
    private record Derivatives(double first, double second) {}

    private static Derivatives derivatives(double inputRadius, List<NetworkLayer> layers) {
        Derivatives below = new Derivatives(0, 0);
        double largestInput = inputRadius;
        SmoothActivation activation = SmoothActivation.IDENTITY;
        for (NetworkLayer layer : layers) {
            below = above(below, activation, layer, largestInput);
            activation = layer.activation();
            largestInput = layer.largestOutput(largestInput);
        }
        return below;
    }

    /** P_l and Q_l from P_{l-1} and Q_{l-1}; zeros below the first layer give P_1 and Q_1. */
    private static Derivatives above(
            Derivatives below, SmoothActivation activation, NetworkLayer layer, double largestInput) {
        double a1 = activation.slope();
        double own = layer.trained() ? Upward.add(Upward.square(largestInput), 1) : 0;
        double passed = Upward.multiply(layer.weightNorm(), Upward.multiply(a1, below.first));
        double first = Upward.sqrt(Upward.add(own, Upward.square(passed)));
        double bent = Upward.multiply(activation.bend(), Upward.square(below.first));
        double alpha = Upward.multiply(layer.weightNorm(), Upward.add(bent, Upward.multiply(a1, below.second)));
        double beta = layer.trained() ? Upward.multiply(a1, below.first) : 0;
        double root = Upward.sqrt(Upward.add(Upward.square(alpha), 4 * Upward.square(beta)));
        return new Derivatives(first, Upward.add(alpha, root) / 2);
    }

    /** The diameter of a product of balls, {@code 2·√(Σ r²)}, rounded up. */
    public static Constant diameterOfBalls(double... radii) {
        double squares = 0;
        for (double radius : radii) {
            squares = Upward.add(squares, Upward.square(Checks.positive("the radius of a ball", radius)));
        }
        return Constant.enforced(2 * Upward.sqrt(squares), "projection on " + radii.length + " balls");
    }
}
