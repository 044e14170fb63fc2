/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Downward;
import org.amend4j.numeric.Upward;
import org.amend4j.sensitivity.Constant;

/**
 * What is known of a loss f on the set C in which gradient descent keeps the parameters, weight decay included
 * (docs/unlearning.md, "Bounds on the retained loss").
 *
 * @param smoothness M: ∇f is M-Lipschitz; > 0
 * @param convex whether f is convex on C
 * @param growth μ of the Polyak-Łojasiewicz inequality {@code ‖∇f‖² >= 2μ(f - f*)}, in its proximal form where steps project;
 *     0 if there is none
 * @param domain C
 */
@RecordBuilder
public record Landscape(Constant smoothness, boolean convex, Constant growth, Domain domain)
        implements LandscapeBuilder.With {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Landscape {
        Checks.present("smoothness", smoothness);
        Checks.present("growth", growth);
        Checks.present("domain", domain);
        Checks.notNegative("mu of the Polyak-Lojasiewicz inequality", growth.value());
        if (!(smoothness.value() > 0)) {
            throw new IllegalArgumentException("M, the smoothness of a loss, must be > 0, got " + smoothness.value());
        }
    }

    /** Without the Polyak-Łojasiewicz inequality. */
    public static Constant noGrowth() {
        return Constant.proved(0, "nothing is known");
    }

    /** The weakest of the constants that bounds rest on. */
    public Assurance assurance() {
        return growth.value() > 0
                ? Constant.weaker(smoothness.assurance(), growth.assurance())
                : smoothness.assurance();
    }

    /**
     * Why nothing is promised about steps of a size; empty if something is.
     *
     * @param stepSize η, > 0
     */
    public Optional<String> refusal(double stepSize) {
        if (!smoothness.isKnown()) {
            return Optional.of("no Lipschitz constant of the gradient is known");
        }
        return gain(stepSize) > 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "the step size %.6g is not below 2/M = %.6g: a step may climb",
                        stepSize,
                        2 / smoothness.value()));
    }

    /** a: {@code f(θ₊) <= f(θ) - a·‖step/η‖²}, {@code a = η(1 - Mη/2)}; rounded down. */
    double gain(double eta) {
        double half = Upward.multiply(Upward.multiply(smoothness.value(), eta), 0.5);
        return Downward.multiply(eta, Downward.add(1, -half));
    }

    /** The factor by which a step brings f - f* down, in [0, 1]; rounded up. */
    double contraction(double eta) {
        double gain = gain(eta);
        double mu = growth.value();
        if (domain.isProjected()) {
            gain = Math.min(gain, eta / 2);
            mu = Math.min(mu, Downward.divide(1, eta));
        }
        return Math.max(0, Upward.add(1, -Downward.multiply(2 * mu, gain)));
    }

    /** What a step from the last point would gain: 1/(2M), or the projected step's own; rounded down. */
    double lastGain(double eta) {
        return domain.isProjected() ? gain(eta) : Downward.divide(0.5, smoothness.value());
    }

    /**
     * A loss that is reached from a point, and so an upper bound of f*: what one more step is sure of. Rounded up.
     *
     * @param stepSize the size of a projected step; without projection the best size is taken
     */
    public double reachable(DescentBound.Start point, double stepSize) {
        double gained = Downward.multiply(lastGain(stepSize), Downward.multiply(point.gradient(), point.gradient()));
        return Upward.add(point.loss(), -gained);
    }
}
