/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.network.Activation;

/** What the kernels must compute, in double precision and as plainly as possible. */
public final class Reference {

    /** What {@link #derivative} is off by at most. */
    public static final double DERIVATIVE_ERROR = 1e-9;

    private Reference() {}

    public static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    public static double activate(Activation activation, double z) {
        double slope = activation.slope();
        return switch (activation.kind()) {
            case IDENTITY -> z;
            case RELU -> Math.max(0, z);
            case RELU6 -> Math.min(6, Math.max(0, z));
            case LEAKY_RELU -> z > 0 ? z : slope * z;
            case ELU -> z > 0 ? z : slope * Math.expm1(z);
            case SELU -> 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * Math.expm1(z));
            case SIGMOID -> sigmoid(z);
            case HARD_SIGMOID -> Math.min(1, Math.max(0, 0.2 * z + 0.5));
            case TANH -> Math.tanh(z);
            case HARD_TANH -> Math.min(1, Math.max(-1, z));
            case SOFTPLUS -> Math.log1p(Math.exp(z));
            case SOFTSIGN -> z / (1 + Math.abs(z));
            case SWISH -> z * sigmoid(z);
            case GELU -> z * sigmoid(1.702 * z);
            case GELU_EXACT -> z * (0.5 + aboveHalf(z));
            case GELU_TANH -> z / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * Math.pow(z, 3))));
        };
    }

    /** Φ(z) − 1/2 by the series φ(z) Σ z^(2n+1)/(2n+1)!!, whose terms have one sign. */
    private static double aboveHalf(double z) {
        double term = z * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        double sum = 0;
        for (int n = 1; sum + term != sum; n++) {
            sum += term;
            term *= z * z / (2 * n + 1);
        }
        return sum;
    }

    /** By central differences of {@link #activate}: an independent reference, good to {@link #DERIVATIVE_ERROR} away from kinks. */
    public static double derivative(Activation activation, double z) {
        double h = 1e-5;
        return (activate(activation, z + h) - activate(activation, z - h)) / (2 * h);
    }
}
