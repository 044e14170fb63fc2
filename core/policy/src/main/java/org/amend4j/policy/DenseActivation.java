/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/** Activation functions of a {@link DenseShape}. */
public enum DenseActivation {
    /** x. */
    IDENTITY,
    /** tanh x. */
    TANH,
    /** max(0, x), with derivative 0 at 0. */
    RELU,
    /** 1 / (1 + exp(-x)). */
    SIGMOID
}
