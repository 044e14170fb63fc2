/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.integer;

import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.network.Activation;

/** The numbers under which activation.cu knows the functions. */
final class ActivationCodes {

    private ActivationCodes() {}

    static Argument argument(Activation activation) {
        return integer(
                switch (activation.kind()) {
                    case IDENTITY -> 0;
                    case RELU -> 1;
                    case RELU6 -> 2;
                    case LEAKY_RELU -> 3;
                    case ELU -> 4;
                    case SELU -> 5;
                    case SIGMOID -> 6;
                    case HARD_SIGMOID -> 7;
                    case TANH -> 8;
                    case HARD_TANH -> 9;
                    case SOFTPLUS -> 10;
                    case SOFTSIGN -> 11;
                    case SWISH -> 12;
                    case GELU -> 13;
                    case GELU_EXACT -> 14;
                    case GELU_TANH -> 15;
                });
    }
}
