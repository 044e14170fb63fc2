/**
 * The arithmetic of policy gradients: returns, advantages and losses of rows of numbers, how much a finite horizon changes
 * the gradient, and what each deviation from plain stochastic ascent does to it. Pure numbers, independent of networks and
 * environments.
 *
 * <p>A trajectory has H steps t = 0, ..., H-1, and {@code R = Σ_{t<H} γ^t r_t} is what is maximised in expectation, J_H(θ) = E R.
 * Absolute-time discounts and bounds are reconstructed from the standard literature, not taken from a paper's text;
 * docs/policy.md derives them.
 */
@NullMarked
package org.amend4j.estimator;

import org.jspecify.annotations.NullMarked;
