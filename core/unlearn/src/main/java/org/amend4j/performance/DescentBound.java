/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

import java.util.Arrays;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.numeric.Downward;
import org.amend4j.numeric.Upward;
import org.amend4j.privacy.DiscreteNoise;

/**
 * Bounds on the result of full-batch gradient descent {@code θ_{j+1} = Π[θ_j - η_j·∇f(θ_j)]}, j = 0, …, K-1, K >= 0; all
 * rounded up. The gradient is ∇f where no step projects, else the projected step over its size, {@code (θ - Π[θ -
 * η·∇f])/η}, which is 0 at minima only.
 *
 * @param loss f(θ_K)
 * @param excess f(θ_K) - f*
 * @param gradient at θ_K, its norm
 * @param leastGradient the least norm among θ_0, …, θ_K
 * @param assurance of the weakest constant that the bounds rest on
 */
public record DescentBound(double loss, double excess, double gradient, double leastGradient, Assurance assurance) {

    /**
     * Where descent starts.
     *
     * @param loss f(θ_0)
     * @param gradient its norm at θ_0, of the first step's size where steps project
     */
    public record Start(double loss, double gradient) {}

    /**
     * The bound of some steps.
     *
     * @param start where they start
     * @param bracket of f*; the start is added to it
     * @param stepSizes η_j, [K]
     * @throws IllegalArgumentException if there is a step size about which the landscape promises nothing
     */
    public static DescentBound of(Landscape landscape, Bracket bracket, Start start, double[] stepSizes) {
        double known = Math.min(bracket.known(), start.loss());
        double gap = Upward.add(start.loss(), -Math.min(bracket.lowest(), known));
        if (stepSizes.length == 0) {
            return new DescentBound(start.loss(), gap, start.gradient(), start.gradient(), landscape.assurance());
        }
        double last = landscape.lastGain(stepSizes[stepSizes.length - 1]);
        double gains = last;
        double left = 1;
        for (double eta : stepSizes) {
            landscape.refusal(eta).ifPresent(why -> {
                throw new IllegalArgumentException(why);
            });
            gains = Downward.add(gains, landscape.gain(eta));
            left = Upward.multiply(left, landscape.contraction(eta));
        }
        double excess = Upward.multiply(left, gap);
        // increases with f*, of which `known` is an upper bound
        double reached = Upward.add(known, Upward.multiply(left, Upward.add(start.loss(), -known)));
        double gradient = root(excess, last);
        double least = Math.min(start.gradient(), Math.min(gradient, root(gap, gains)));
        return new DescentBound(
                Math.min(start.loss(), reached),
                excess,
                isFalling(landscape, stepSizes) ? least : gradient,
                least,
                landscape.assurance());
    }

    /** Whether no step makes the gradient longer. */
    private static boolean isFalling(Landscape landscape, double[] stepSizes) {
        return landscape.convex()
                && (!landscape.domain().isProjected()
                        || Arrays.stream(stepSizes).allMatch(eta -> eta == stepSizes[0]));
    }

    private static double root(double loss, double gain) {
        return Upward.sqrt(Math.max(0, Upward.divide(loss, gain)));
    }

    /**
     * What is left of it after noise, on average over the noise.
     *
     * @param steepest a bound of ‖∇f(θ_K)‖ for what rounding to the noise's grid may do
     * @return empty if the noise may lead to where nothing is known
     */
    public Optional<NoisyBound> with(DiscreteNoise noise, Landscape landscape, double steepest) {
        if (!landscape.domain().isSmoothEverywhere()) {
            return Optional.empty();
        }
        double half = noise.grid().step() / 2;
        double variance = Upward.add(Upward.square(noise.sigma()), Upward.square(half));
        double square = Upward.multiply(noise.dimension(), variance);
        double rounding = Upward.multiply(steepest, Upward.multiply(half, Upward.sqrt(noise.dimension())));
        double m = landscape.smoothness().value();
        double climbed = Upward.add(loss, Upward.add(rounding, Upward.multiply(m / 2, square)));
        double turned = landscape.domain().isProjected()
                ? Double.POSITIVE_INFINITY
                : Upward.add(gradient, Upward.multiply(m, Upward.sqrt(square)));
        return Optional.of(new NoisyBound(climbed, turned));
    }
}
