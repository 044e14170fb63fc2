/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

/**
 * Bounds on the result of descent after noise; rounded up.
 *
 * @param loss E f(θ_K + ξ)
 * @param gradient √E‖∇f(θ_K + ξ)‖²; +∞ where steps project: outside of the set their criterion is meaningless
 */
public record NoisyBound(double loss, double gradient) {}
