/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * The gradient noise that lets stochastic ascent escape a saddle.
 *
 * @param along CNC(v), the mean of ⟨v, ĝ_i⟩² of single trajectories, ĝ_i being GPOMDP's estimate without a baseline
 * @param negligible whether that counts as none, √CNC being at most 1e-6·λ_max up to the end of its interval
 */
public record AscentNoise(Measured along, boolean negligible) {}
