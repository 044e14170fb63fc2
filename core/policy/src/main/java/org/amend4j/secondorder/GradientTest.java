/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/** Whether ‖∇J‖ is within ε. */
public enum GradientTest {
    /** The whole interval of ‖∇J‖² is at most ε². */
    SMALL,
    /** The whole interval is above ε²: no stationary point. */
    LARGE,
    /** ε² is inside. */
    UNDECIDED;

    static GradientTest of(Measured squared, double epsilon) {
        if (squared.high() <= epsilon * epsilon) {
            return SMALL;
        }
        return squared.low() > epsilon * epsilon ? LARGE : UNDECIDED;
    }
}
