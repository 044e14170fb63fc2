/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

/** What a plan computes. */
public enum Variant {
    /** Outputs of a network that is only used. */
    OUTPUT,
    /** Outputs, and the parameters' gradient that errors at them make, which are given when the outputs are known. */
    ERRORS,
    /** Losses. */
    VALUE,
    /** Losses and their gradient. */
    GRADIENT,
    /** Losses, their gradient, and the gradient of every adapted weight, whose norm the steps of guaranteed descent need. */
    WEIGHT_GRADIENTS,
    /** Losses, and the gradient with every example's share clipped. */
    CLIPPED;

    /** Whether a plan ends with losses, and not with outputs. */
    boolean usesLosses() {
        return this != OUTPUT && this != ERRORS;
    }

    /** Whether there is a backward pass. */
    boolean hasGradient() {
        return this != OUTPUT && this != VALUE;
    }
}
