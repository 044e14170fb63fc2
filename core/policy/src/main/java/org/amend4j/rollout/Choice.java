/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.Arrays;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/**
 * What a policy chose in some rows.
 *
 * @param inputs [rows · inputs]
 * @param allowed [rows · number of actions], or empty
 * @param actions [rows][size of an action]
 * @param logProbabilities [rows]
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
record Choice(double[] inputs, boolean[] allowed, double[][] actions, double[] logProbabilities) {

    /**
     * @param outputs of the network, masked in place
     */
    static Choice of(
            Policy policy, double[] inputs, double[] outputs, boolean[] allowed, boolean greedy, SplitMix64 random) {
        int rows = inputs.length / policy.encoder().size();
        int size = policy.distribution().actionSize();
        double[] flat = new double[rows * size];
        double[] logProbabilities = new double[rows];
        policy.choose(outputs, allowed, greedy, random, flat, logProbabilities);
        double[][] actions = new double[rows][];
        Arrays.setAll(actions, row -> Arrays.copyOfRange(flat, row * size, (row + 1) * size));
        return new Choice(inputs, allowed, actions, logProbabilities);
    }
}
