/**
 * Statistics of scores of several runs: what to report about algorithms with few runs. After Agarwal, Schwarzer, Castro,
 * Courville and Bellemare, "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (NeurIPS 2021). Pure
 * numbers, independent of networks and environments.
 *
 * <p>Start at {@link org.amend4j.evaluation.Scores}, then {@link org.amend4j.evaluation.Bootstrap}.
 */
@NullMarked
package org.amend4j.evaluation;

import org.jspecify.annotations.NullMarked;
