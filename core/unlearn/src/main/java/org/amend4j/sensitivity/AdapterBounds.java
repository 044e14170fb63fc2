/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.List;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * Constants of one record's loss in the factors of low-rank adapters, {@code W = W₀ + s·A·B} (docs/unlearning.md,
 * "Adapters"); rounded up.
 */
public final class AdapterBounds {

    private AdapterBounds() {}

    /**
     * An adapter with both factors trained and kept in {@code ‖A‖² + ‖B‖² <= R²} (Frobenius) by scaling both by {@code
     * min(1, R/√(‖A‖² + ‖B‖²))} after every step.
     *
     * @param scaling s, > 0
     * @param weightGradient a bound of the Frobenius norm of a record's gradient in W on all of {@code W₀ + s·A·B} with
     *     factors in the ball; ENFORCED if xᵀd is clipped to it before the factors' gradients are formed
     * @param radius R, > 0
     */
    public record Ball(double scaling, Constant weightGradient, double radius) {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Ball {
            Checks.positive("the scaling of an adapter", scaling);
            Checks.notNegative("the bound of the gradient in W", weightGradient.value());
            Checks.positive("the radius of an adapter's ball", radius);
        }

        /** {@code ‖s·A·B‖ <= s·R²/2}: how far W gets from W₀, spectral and Frobenius. */
        public double reach() {
            return Upward.multiply(scaling, Upward.square(radius)) / 2;
        }

        private double curvature() {
            return Upward.multiply(Upward.square(scaling), Upward.square(radius));
        }

        private double gradient() {
            return Upward.multiply(Upward.multiply(scaling, weightGradient.value()), radius);
        }
    }

    /**
     * Adapters with both factors trained, and nothing else:
     *
     * <pre>  L_J = max s·g + L·max s²R²,   G = √(Σ (s·g·R)²),   diameter 2·√(Σ R²). </pre>
     *
     * @param weightLipschitz L, of one record's gradient in all adapted weights together, clipped or not
     * @param adapters at least one
     */
    public static LossBounds bothFactors(Constant weightLipschitz, List<Ball> adapters) {
        Assurance assurance = Assurance.ENFORCED;
        double product = 0;
        double curvature = 0;
        double squares = 0;
        for (Ball ball : adapters) {
            assurance = Constant.weaker(assurance, ball.weightGradient.assurance());
            product = Math.max(product, Upward.multiply(ball.scaling, ball.weightGradient.value()));
            curvature = Math.max(curvature, ball.curvature());
            squares = Upward.add(squares, Upward.square(ball.gradient()));
        }
        if (adapters.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one adapter, got none");
        }
        String why = "factors of " + adapters.size() + " adapters on balls";
        double l = Upward.add(product, Upward.multiply(weightLipschitz.value(), curvature));
        return new LossBounds(
                new Constant(Upward.sqrt(squares), assurance, why),
                new Constant(l, Constant.weaker(assurance, weightLipschitz.assurance()), why),
                LossCurvature.NONCONVEX,
                SmoothNetwork.diameterOfBalls(
                        adapters.stream().mapToDouble(Ball::radius).toArray()));
    }

    /**
     * {@code ‖W₀‖₂ + s·R²/2}: the bound of an adapted layer's weights for {@link SmoothNetwork}.
     *
     * @param baseNorm ‖W₀‖₂ of the public base
     */
    public static double adaptedWeightNorm(double baseNorm, Ball adapter) {
        return Upward.add(Checks.notNegative("the norm of the base's weights", baseNorm), adapter.reach());
    }

    /**
     * B alone is trained, anywhere in a network: W is affine in B, so that {@code L_B = s²‖A‖₂²·L} and {@code G = s‖A‖₂·g}.
     *
     * @param scaling s, > 0
     * @param frozenNorm ‖A‖₂; A must come from a public seed
     * @param weights constants in W
     */
    public static LossBounds frozenA(double scaling, double frozenNorm, LossBounds weights) {
        double slope = Upward.multiply(
                Checks.positive("the scaling of an adapter", scaling),
                Checks.positive("the norm of the frozen factor", frozenNorm));
        return LossBounds.of(
                scaled(weights.gradientBound(), slope),
                scaled(weights.lipschitz(), Upward.square(slope)),
                weights.curvature());
    }

    private static Constant scaled(Constant constant, double factor) {
        return new Constant(
                Upward.multiply(constant.value(), factor),
                constant.assurance(),
                constant.reason() + ", through a frozen A");
    }

    /**
     * B alone is trained, on the output layer of a frozen body: a linear head on the features {@code u = s·x·A}, hence
     * convex.
     *
     * @param head the loss
     * @param featureRadius a bound of ‖u‖, enforced by clipping u to a public radius; > 0
     */
    public static LossBounds frozenAOnOutput(LinearHead head, double featureRadius) {
        return head.bounds(featureRadius);
    }
}
