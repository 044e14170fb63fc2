/**
 * Stochastic policies: the outputs of a differentiable map ({@link org.amend4j.policy.Approximator}) describe a distribution over actions
 * ({@link org.amend4j.policy.ActionDistribution}); together they are a {@link org.amend4j.policy.Policy}. All gradients are exact: errors
 * are passed to the network from outside, never through a loss layer.
 */
@NullMarked
package org.amend4j.policy;

import org.jspecify.annotations.NullMarked;
