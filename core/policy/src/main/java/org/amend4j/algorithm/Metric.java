/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

/** A quantity measured in an update. Each algorithm reports those that it computes. */
public enum Metric {
    /** Mean of Σ r_t over the episodes that ended in this update. */
    RETURN,
    /** Mean of Σ γ^t r_t over the same. */
    DISCOUNTED_RETURN,
    /** Mean number of steps of the same. */
    EPISODE_LENGTH,
    /** ‖ĝ‖ before any clipping; the mean if there were several steps. */
    GRADIENT_NORM,
    /** Step length η. */
    RATE,
    /** Mean entropy of the policy in the states seen, nats. */
    ENTROPY,
    /** mean((ρ - 1) - log ρ) over the last epoch, ρ = π_new/π_old. */
    APPROX_KL,
    /** Share of |ρ - 1| > clip. */
    CLIP_FRACTION,
    /** 1 - Var(target - V)/Var(target). */
    EXPLAINED_VARIANCE,
    /** Mean of ½(V - target)². */
    VALUE_LOSS,
    /** H of theory mode. */
    HORIZON,
    /** Bound A on the truncation bias. */
    BIAS_BOUND_A,
    /** Bound B on it. */
    BIAS_BOUND_B,
    /** Bound C on it. */
    BIAS_BOUND_C,
    /** ‖w‖ of the critic that the actor used. */
    CRITIC_NORM,
    /** The largest less the smallest return of the episodes that ended. */
    RETURN_RANGE
}
