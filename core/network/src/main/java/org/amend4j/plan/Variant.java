/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

/** What a plan computes. */
public enum Variant {
    /** Outputs of a network that is only used. */
    OUTPUT,
    /** Losses. */
    VALUE,
    /** Losses and their gradient. */
    GRADIENT,
    /** Losses, their gradient, and the gradient of every adapted weight, whose norm the steps of guaranteed descent need. */
    WEIGHT_GRADIENTS,
    /** Losses, and the gradient with every example's share clipped. */
    CLIPPED
}
