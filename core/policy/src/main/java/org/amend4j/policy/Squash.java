/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/**
 * Numbers squashed into an interval, a = low + (high - low)(tanh u + 1)/2, and found again. A double near an edge stands for
 * all u that round to it; the edge itself for all that are beyond.
 *
 * @param low finite
 * @param high above {@code low}, at a finite distance
 */
record Squash(double low, double high) {

    private static final double LOG_2 = Math.log(2);

    /** From the nearer edge, so that what is left of the distance to it is exact. */
    double of(double u) {
        double share = 1 / (1 + Math.exp(2 * Math.abs(u)));
        return u < 0 ? low + (high - low) * share : high - (high - low) * share;
    }

    boolean contains(double a) {
        return a >= low && a <= high;
    }

    /** u = ½ log((a - low)/(high - a)), the inverse of tanh; at an edge that from which on numbers round to it. */
    double inverse(double a) {
        double below = a > low ? a - low : reach(low);
        double above = a < high ? high - a : reach(high);
        return (Math.log(below) - Math.log(above)) / 2;
    }

    /** How far the numbers that round to an edge reach from it: half the distance to its neighbour. */
    double reach(double edge) {
        double spacing = edge == low ? Math.nextUp(low) - low : high - Math.nextDown(high);
        return Math.max(spacing / 2, Double.MIN_VALUE);
    }

    /** log ∂a/∂u = log((high - low)/2) + log(1 - tanh²u), the last without cancellation. */
    double logSlope(double u) {
        double size = Math.abs(u);
        return logHalfWidth() + 2 * (LOG_2 - size - Math.log1p(Math.exp(-2 * size)));
    }

    double logHalfWidth() {
        return Math.log((high - low) / 2);
    }
}
