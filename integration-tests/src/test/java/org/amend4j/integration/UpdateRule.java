/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

/** The optimiser of a training step; every contender implements these two. */
public enum UpdateRule {
    /** Plain gradient descent: {@code w -= learningRate * g}. */
    SGD,
    /** Adam with beta1 0.9, beta2 0.999, epsilon 1e-8. */
    ADAM;

    public static final double BETA1 = 0.9;
    public static final double BETA2 = 0.999;
    public static final double EPSILON = 1e-8;
}
