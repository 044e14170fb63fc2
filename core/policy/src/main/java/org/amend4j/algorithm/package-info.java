/**
 * Policy gradient ascent. In theory mode, {@link org.amend4j.algorithm.Gpomdp} and {@link org.amend4j.algorithm.ActorCritic}; in
 * practice mode, {@link org.amend4j.algorithm.Reinforce}, {@link org.amend4j.algorithm.A2c} and {@link org.amend4j.algorithm.Ppo}: one
 * readable file each, its settings at the top. {@link org.amend4j.algorithm.PolicyTraining} runs any of them,
 * {@link org.amend4j.algorithm.PeriodicEvaluation} evaluates the policy during training and keeps the best, and
 * {@link org.amend4j.algorithm.TrainingCheckpoint} keeps everything that a run needs to resume bit-identically.
 */
@NullMarked
package org.amend4j.algorithm;

import org.jspecify.annotations.NullMarked;
