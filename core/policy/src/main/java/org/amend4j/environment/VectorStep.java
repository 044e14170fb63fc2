/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/**
 * One step of several environments, a row each; all arrays are the receiver's own.
 *
 * @param observations [rows][size]: what the next actions are chosen on
 * @param successors [rows][size]: the observation of the state that the action led to, also where the row was reset in the
 *     same step (Gymnasium's final_obs in those rows). Values are bootstrapped from these, never from a reset observation
 * @param rewards [rows]
 * @param terminated [rows]
 * @param truncated [rows]
 * @param resets [rows]: whether the row ignored its action because it was reset ({@link Autoreset#NEXT_STEP}); such a row
 *     must not be learned from
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record VectorStep(
        double[][] observations,
        double[][] successors,
        double[] rewards,
        boolean[] terminated,
        boolean[] truncated,
        boolean[] resets) {

    static VectorStep ofRows(int rows) {
        return new VectorStep(
                new double[rows][],
                new double[rows][],
                new double[rows],
                new boolean[rows],
                new boolean[rows],
                new boolean[rows]);
    }

    void put(int row, StepResult step) {
        observations[row] = step.observation();
        successors[row] = step.observation().clone();
        rewards[row] = step.reward();
        terminated[row] = step.terminated();
        truncated[row] = step.truncated();
    }
}
