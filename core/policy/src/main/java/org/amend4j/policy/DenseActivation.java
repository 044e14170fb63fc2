/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/** Activation functions that {@link DenseApproximator} computes; each one's derivative is a function of its value. */
public enum DenseActivation {
    /** x. */
    IDENTITY {
        @Override
        void applyInPlace(double[] values, int n) {}

        @Override
        void multiplyByDerivativeInPlace(double[] derivatives, double[] values, int n) {}
    },
    /** tanh x. */
    TANH {
        @Override
        void applyInPlace(double[] values, int n) {
            for (int i = 0; i < n; i++) {
                values[i] = tanh(values[i]);
            }
        }

        @Override
        void multiplyByDerivativeInPlace(double[] derivatives, double[] values, int n) {
            for (int i = 0; i < n; i++) {
                derivatives[i] *= 1 - values[i] * values[i];
            }
        }
    },
    /** max(0, x), with derivative 0 at 0. */
    RELU {
        @Override
        void applyInPlace(double[] values, int n) {
            for (int i = 0; i < n; i++) {
                values[i] = Math.max(0, values[i]);
            }
        }

        @Override
        void multiplyByDerivativeInPlace(double[] derivatives, double[] values, int n) {
            for (int i = 0; i < n; i++) {
                derivatives[i] *= values[i] > 0 ? 1 : 0;
            }
        }
    },
    /** 1 / (1 + exp(-x)). */
    SIGMOID {
        @Override
        void applyInPlace(double[] values, int n) {
            for (int i = 0; i < n; i++) {
                values[i] = 1 / (1 + Math.exp(-values[i]));
            }
        }

        @Override
        void multiplyByDerivativeInPlace(double[] derivatives, double[] values, int n) {
            for (int i = 0; i < n; i++) {
                derivatives[i] *= values[i] * (1 - values[i]);
            }
        }
    };

    /** From here on tanh rounds to 1. */
    private static final double SATURATED = 20;

    /** Replaces the first n numbers x by f(x). */
    abstract void applyInPlace(double[] values, int n);

    /** Multiplies the first n derivatives with respect to f(x) by f'(x), of values f(x). */
    abstract void multiplyByDerivativeInPlace(double[] derivatives, double[] values, int n);

    /**
     * tanh with a relative error below 2e-15. {@code Math.tanh} would take most of a small network's time; this one has no
     * branches, so that C2 makes vector code of the loop around it.
     *
     * <p>tanh u = p/q by Lambert's continued fraction up to 13 for u = x/8, then thrice tanh 2u = 2pq/(p² + q²). Doubling
     * never enlarges a relative error: it changes by the factor (1 - t²)/(1 + t²).
     */
    static double tanh(double x) {
        double u = Math.max(-SATURATED, Math.min(SATURATED, x)) / 8;
        double s = u * u;
        double p = u * (1 + s * (17325.0 / 135135 + s * (378.0 / 135135 + s * (1.0 / 135135))));
        double q = 1 + s * (62370.0 / 135135 + s * (3150.0 / 135135 + s * (28.0 / 135135)));
        double p2 = 2 * p * q;
        double q2 = p * p + q * q;
        double p4 = 2 * p2 * q2;
        double q4 = p2 * p2 + q2 * q2;
        return Math.max(-1, Math.min(1, 2 * p4 * q4 / (p4 * p4 + q4 * q4)));
    }
}
