package org.amend4j.performance;

/**
 * What descent promises after noise; rounded up.
 *
 * @param loss E f(θ_K + ξ)
 * @param gradient √E‖∇f(θ_K + ξ)‖²; +∞ where steps project: outside of the set their criterion means nothing
 */
public record NoisyBound(double loss, double gradient) {}
