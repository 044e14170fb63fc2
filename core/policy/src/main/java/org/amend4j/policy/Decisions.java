/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;

/**
 * The observations and actions of a policy, row by row.
 *
 * @param rows at least 1
 * @param inputs encoded observations, [rows · inputs]
 * @param actions [rows · size of an action]
 * @param allowed action masks, [rows · number of actions]; empty if every action was allowed
 * @param lengths of the sequences that the rows form, in order, summing to rows; a sequence is (part of) one episode
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record Decisions(int rows, double[] inputs, double[] actions, boolean[] allowed, int[] lengths) {

    public Decisions {
        if (rows < 1 || inputs.length % rows != 0 || actions.length % rows != 0 || allowed.length % rows != 0) {
            throw new IllegalArgumentException("decisions need rows >= 1 and as many numbers in each, got " + rows
                    + " rows, " + inputs.length + " inputs, " + actions.length + " action numbers, " + allowed.length
                    + " flags");
        }
        if (Arrays.stream(lengths).sum() != rows || Arrays.stream(lengths).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "lengths must be >= 1 and sum to " + rows + ", got " + Arrays.toString(lengths));
        }
    }

    /**
     * The rows from one to before another.
     *
     * @param lengths of the sequences that they form
     */
    public Decisions range(int from, int to, int[] lengths) {
        int ofInputs = inputs.length / rows;
        int ofActions = actions.length / rows;
        int ofFlags = allowed.length / rows;
        return new Decisions(
                to - from,
                Arrays.copyOfRange(inputs, from * ofInputs, to * ofInputs),
                Arrays.copyOfRange(actions, from * ofActions, to * ofActions),
                Arrays.copyOfRange(allowed, from * ofFlags, to * ofFlags),
                lengths);
    }
}
