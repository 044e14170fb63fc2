/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.estimator.Horizon;

/**
 * The number of steps after which the return was cut off, and the resulting bias of its gradient. All numbers of a report are of J_H.
 *
 * @param steps H; 0 if there is no horizon
 * @param gamma γ
 * @param boundA of ‖∇J_H - ∇J‖, infinite if unknown; the same for B and C
 * @param boundB {@link BiasBound#B}
 * @param boundC {@link BiasBound#C}
 * @param constants how the constants of the bounds are known
 * @param sentence all of that in words
 */
public record CutOff(
        int steps, double gamma, double boundA, double boundB, double boundC, String constants, String sentence) {

    static CutOff of(Horizon horizon) {
        return new CutOff(
                horizon.steps(),
                horizon.constants().gamma(),
                horizon.bias(BiasBound.A),
                horizon.bias(BiasBound.B),
                horizon.bias(BiasBound.C),
                horizon.constants().assurance().name(),
                horizon.sentence());
    }

    static CutOff none(double gamma) {
        return new CutOff(0, gamma, 0, 0, 0, BoundAssurance.KNOWN.name(), "Nothing is cut off.");
    }

    /** The least of the bounds. */
    double bias() {
        return Math.min(boundA, Math.min(boundB, boundC));
    }

    /** Whether the gradients of J_H and J are known to be within ε² of each other. */
    boolean isWithin(double epsilon) {
        return constants.equals(BoundAssurance.KNOWN.name()) && bias() <= epsilon * epsilon;
    }
}
