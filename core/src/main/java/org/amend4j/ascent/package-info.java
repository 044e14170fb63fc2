/**
 * Policy gradient ascent. In theory mode, {@link org.amend4j.ascent.Gpomdp} and {@link org.amend4j.ascent.ActorCritic}; in
 * practice mode, {@link org.amend4j.ascent.Reinforce}, {@link org.amend4j.ascent.A2c} and {@link org.amend4j.ascent.Ppo}: one
 * readable file each, its settings at the top. {@link org.amend4j.ascent.PolicyTraining} runs any of them,
 * {@link org.amend4j.ascent.PeriodicEvaluation} plays with the policy on the way and keeps the best, and
 * {@link org.amend4j.ascent.TrainingCheckpoint} keeps everything that a run needs to go on as if it had not been interrupted.
 */
@NullMarked
package org.amend4j.ascent;

import org.jspecify.annotations.NullMarked;
