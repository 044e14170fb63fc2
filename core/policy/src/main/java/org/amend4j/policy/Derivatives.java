/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/**
 * Where distributions add their derivatives.
 *
 * @param ofOutputs by outputs, each in the place of its output
 * @param ofFree by free parameters, from {@code freeAt} on
 * @param freeAt the place of the first free parameter
 */
@SuppressWarnings("ArrayRecordComponent") // to be added to, never compared
public record Derivatives(double[] ofOutputs, double[] ofFree, int freeAt) {

    /**
     * Adds to the derivative by an output.
     *
     * @param place of the output
     */
    public void addByOutput(int place, double value) {
        ofOutputs[place] += value;
    }

    /**
     * Adds to the derivative by a free parameter.
     *
     * @param number of the parameter among the free ones, >= 0
     */
    public void addByFree(int number, double value) {
        ofFree[freeAt + number] += value;
    }
}
