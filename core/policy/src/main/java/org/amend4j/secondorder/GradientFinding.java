/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * How large the gradient is.
 *
 * @param squared ‖∇J‖², without the bias of noise: the product of the two batches' means, which may be negative or outside of the interval;
 *     its standard error errs upwards, by up to √2 at a stationary point
 * @param test of its interval, against ε²
 */
public record GradientFinding(Measured squared, GradientTest test) {}
