/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.network.Activation;

/** Whether an activation's derivative needs the pre-activation. */
final class Derivatives {

    private Derivatives() {}

    /**
     * Whether act'(z) = act'(act(z)) bit for bit, so that the result is enough: functions that keep the sign, and cut off where
     * their derivative is zero.
     */
    static boolean fromResult(Activation activation) {
        return switch (activation.kind()) {
            case IDENTITY, RELU, RELU6, HARD_TANH -> true;
            case LEAKY_RELU -> activation.slope() >= 0;
            default -> false;
        };
    }
}
