/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.network.Activation;
import org.apache.commons.numbers.gamma.Erfc;

/** Activations and their derivatives, one number at a time. Of a NaN both are NaN. */
final class Functions {

    /** In Deeplearning4j's default form of GELU. */
    static final double GELU = 1.702;

    /** Of the tanh form of GELU: √(2/π), and the factor of the cube. */
    static final double GELU_SLOPE = 0.7978845608028654;

    static final double GELU_CUBE = 0.044715;

    private static final double ROOT_HALF = Math.sqrt(0.5);
    /** 1/√(2π). */
    private static final double DENSITY = 0.3989422804014327;

    private static final double SELU_SCALE = 1.0507009873554805;
    private static final double SELU_SLOPE = 1.6732632423543772;

    private Functions() {}

    static double value(Activation activation, double z) {
        double slope = activation.slope();
        return switch (activation.kind()) {
            case IDENTITY -> z;
            case RELU -> z <= 0 ? 0 : z;
            case RELU6 -> clamped(z, 0, 6);
            case LEAKY_RELU -> z > 0 ? z : slope * z;
            case ELU -> z > 0 ? z : slope * Math.expm1(z);
            case SELU -> SELU_SCALE * (z > 0 ? z : SELU_SLOPE * Math.expm1(z));
            case SIGMOID -> sigmoid(z);
            case HARD_SIGMOID -> clamped(0.2 * z + 0.5, 0, 1);
            case TANH -> Math.tanh(z);
            case HARD_TANH -> clamped(z, -1, 1);
            case SOFTPLUS -> Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
            case SOFTSIGN -> z / (1 + Math.abs(z));
            case SWISH -> z * sigmoid(z);
            case GELU -> z * sigmoid(GELU * z);
            case GELU_EXACT -> z * distribution(z);
            case GELU_TANH -> z * (1 + Math.tanh(inner(z))) / 2;
        };
    }

    static double derivative(Activation activation, double z) {
        if (Double.isNaN(z)) {
            return z;
        }
        double slope = activation.slope();
        return switch (activation.kind()) {
            case IDENTITY -> 1;
            case RELU -> z > 0 ? 1 : 0;
            case RELU6 -> z > 0 && z < 6 ? 1 : 0;
            case LEAKY_RELU -> z > 0 ? 1 : slope;
            case ELU -> z > 0 ? 1 : slope * Math.exp(z);
            case SELU -> SELU_SCALE * (z > 0 ? 1 : SELU_SLOPE * Math.exp(z));
            case SIGMOID -> sigmoid(z) * (1 - sigmoid(z));
            case HARD_SIGMOID -> z > -2.5 && z < 2.5 ? 0.2 : 0;
            case TANH -> 1 - Math.tanh(z) * Math.tanh(z);
            case HARD_TANH -> z > -1 && z < 1 ? 1 : 0;
            case SOFTPLUS -> sigmoid(z);
            case SOFTSIGN -> 1 / ((1 + Math.abs(z)) * (1 + Math.abs(z)));
            case SWISH -> sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z));
            case GELU -> sigmoid(GELU * z) + GELU * z * sigmoid(GELU * z) * (1 - sigmoid(GELU * z));
            case GELU_EXACT -> distribution(z) + z * DENSITY * Math.exp(-z * z / 2);
            case GELU_TANH -> {
                double tanh = Math.tanh(inner(z));
                yield (1 + tanh) / 2 + z * (1 - tanh * tanh) * GELU_SLOPE * (1 + 3 * GELU_CUBE * z * z) / 2;
            }
        };
    }

    /** Φ. */
    private static double distribution(double z) {
        return Erfc.value(-z * ROOT_HALF) / 2;
    }

    private static double inner(double z) {
        return GELU_SLOPE * (z + GELU_CUBE * z * z * z);
    }

    static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double clamped(double z, double least, double most) {
        return z <= least ? least : z >= most ? most : z;
    }
}
