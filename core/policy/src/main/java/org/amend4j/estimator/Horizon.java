/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * The number of steps after which trajectories are cut off, and the resulting bias of the gradient.
 *
 * @param steps H, >= 1
 * @param bound the bound in question
 * @param tolerance for the bias, if H was chosen for one
 * @param constants what the bounds rest on
 */
public record Horizon(int steps, BiasBound bound, OptionalDouble tolerance, BiasConstants constants)
        implements Identified {

    /** @throws IllegalArgumentException if there is no step, or the bound for H is above the tolerance */
    public Horizon {
        Checks.atLeast(1, "the horizon", steps);
        Objects.requireNonNull(bound, "bound");
        Objects.requireNonNull(constants, "constants");
        double bias = bound.of(constants, steps);
        if (tolerance.isPresent() && !(bias <= tolerance.getAsDouble())) {
            throw new IllegalArgumentException(
                    "the bias must be at most " + tolerance.getAsDouble() + ", got " + bias + " (H = " + steps + ")");
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("Horizon")
                .with("steps", steps)
                .with("bound", bound)
                .with("tolerance", tolerance)
                .with("constants", constants);
    }

    /** A horizon that the user wants, whatever its bias. */
    public static Horizon given(int steps, BiasBound bound, BiasConstants constants) {
        return new Horizon(steps, bound, OptionalDouble.empty(), constants);
    }

    /** The bound of ‖∇J_H - ∇J‖, rounded up; +∞ if there is none. */
    public double bias() {
        return bias(bound);
    }

    /** Another bound for the same H. */
    public double bias(BiasBound other) {
        return other.of(constants, steps);
    }

    /** What was chosen or given and what follows, in words; bounds are rounded up, with three digits. */
    public String sentence() {
        ScoreConstants scores = constants.scores();
        RewardRange rewards = constants.rewards();
        String what = "H = " + grouped(steps)
                + (tolerance.isPresent()
                        ? " (chosen for a bias of at most " + Digits.nearest(tolerance.getAsDouble()) + ")"
                        : " (given)");
        if (!constants.boundsRewards()) {
            return what
                    + ": by how much cutting off changes the gradient is not known, since all rewards that were seen are "
                    + rewards.most() + ", which says nothing about others (gamma = " + constants.gamma() + ").";
        }
        return what
                + ": by bound " + bound + " cutting off changes the gradient by at most " + Digits.up(bias())
                + " (A " + Digits.up(bias(BiasBound.A)) + ", B " + Digits.up(bias(BiasBound.B)) + ", C "
                + Digits.up(bias(BiasBound.C)) + "; gamma = " + constants.gamma() + ", rewards in ["
                + Digits.outwards(rewards.least())
                + ", " + Digits.outwards(rewards.most()) + "], R = " + Digits.outwards(rewards.magnitude()) + ", G = "
                + Digits.up(scores.norm())
                + ", Lambda = " + Digits.up(scores.secondMoment()) + ": " + scores.reason() + ")"
                + (constants.assurance() == BoundAssurance.KNOWN
                        ? "."
                        : ". Constants are estimated from what was seen: an indication, not a bound.");
    }

    /**
     * What a time limit does to the horizon.
     *
     * @param limit steps after which the environment cuts an episode off, >= 1
     * @return a sentence if the limit is below H
     */
    public Optional<String> warning(int limit) {
        Checks.atLeast(1, "the time limit", limit);
        return steps <= limit
                ? Optional.empty()
                : Optional.of("H = " + grouped(steps) + " exceeds the environment's time limit of " + grouped(limit)
                        + " steps: trajectories end there, and the bias is only known to be at most "
                        + Digits.up(bound.of(constants, limit)) + "; switch the limit off or accept that.");
    }

    private static String grouped(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
