/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Objects;
import java.util.OptionalDouble;
import org.amend4j.internal.validation.Checks;

/**
 * Chooses the horizon for a bias.
 *
 * @param bound that must not exceed the tolerance
 * @param constants what it rests on
 */
public record HorizonChooser(BiasBound bound, BiasConstants constants) {

    /** An upper limit beyond any practical number of steps. */
    private static final int MOST = 1 << 30;

    /** @throws IllegalArgumentException if a constant that the bound needs is not known */
    public HorizonChooser {
        Objects.requireNonNull(bound, "bound");
        Objects.requireNonNull(constants, "constants");
        if (!constants.boundsRewards()) {
            throw new IllegalArgumentException(
                    "a horizon for a bias needs the range of rewards: all that were seen are "
                            + constants.rewards().most() + ", which says nothing about others");
        }
        if (Double.isInfinite(bound.of(constants, MOST))) {
            throw new IllegalArgumentException("bound " + bound + " must have finite constants, got G = "
                    + constants.scores().norm() + ", Lambda = "
                    + constants.scores().secondMoment() + " ("
                    + constants.scores().reason() + ")");
        }
    }

    /**
     * The least H >= 1 with a bound within the tolerance, by binary search on whole numbers: the bounds decrease in H. Where
     * neighbouring bounds differ by less than their rounding, H may be a little larger, never smaller.
     *
     * @param tolerance > 0
     * @throws IllegalArgumentException if even 2^30 steps are too few
     */
    public Horizon within(double tolerance) {
        Checks.positive("the tolerance of the bias", tolerance);
        int high = 1;
        while (bound.of(constants, high) > tolerance) {
            if (high == MOST) {
                throw new IllegalArgumentException("the tolerance of the bias must be reached within 2^30 steps, got "
                        + tolerance + " (gamma = " + constants.gamma() + ")");
            }
            high *= 2;
        }
        int low = high / 2;
        while (high - low > 1) {
            int middle = low + (high - low) / 2;
            if (bound.of(constants, middle) > tolerance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new Horizon(high, bound, OptionalDouble.of(tolerance), constants);
    }

    /** For ε-second-order stationarity, a bias of at most ε²: the order that the convergence result's rates fit to. */
    public Horizon forStationarity(double epsilon) {
        return within(Checks.positive("epsilon", epsilon) * epsilon);
    }
}
