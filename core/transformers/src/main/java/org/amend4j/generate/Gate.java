/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.internal.cpu.FloatMath;

/** The functions of gates on arrays. */
final class Gate {

    private static final double TANH_SLOPE = Math.sqrt(2 / Math.PI);
    private static final double TANH_CUBE = 0.044715;
    /** Beyond it erf rounds to ±1. */
    private static final double SATURATED = 3.92;

    private Gate() {}

    /** x = a(x). */
    static void apply(HiddenActivation function, float[] x, int n) {
        switch (function) {
            case SILU -> FloatMath.timesSigmoid(x, 1, n);
            case GELU -> {
                for (int i = 0; i < n; i++) {
                    x[i] = (float) (x[i] * (1 + erf(x[i] * Math.sqrt(0.5))) / 2);
                }
            }
            case GELU_TANH -> {
                for (int i = 0; i < n; i++) {
                    double v = x[i];
                    x[i] = (float) (v * (1 + StrictMath.tanh(TANH_SLOPE * (v + TANH_CUBE * v * v * v))) / 2);
                }
            }
        }
    }

    /** A ratio of polynomials, off by less than 3e-7. */
    private static double erf(double x) {
        if (Math.abs(x) > SATURATED) {
            return Math.signum(x);
        }
        double s = x * x;
        double p = 1.128379146
                + s
                        * (0.1903841265
                                + s
                                        * (0.05274584064
                                                + s * (0.003764689645 + s * (0.000284866879 + s * 2.05031438e-06))));
        double q = 1
                + s
                        * (0.5020562836
                                + s
                                        * (0.1140999451
                                                + s * (0.01496734168 + s * (0.001162320978 + s * 3.809326618e-05))));
        return x * p / q;
    }
}
