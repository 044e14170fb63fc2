/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Arrays;
import org.amend4j.policy.Policy;

/** All that a policy has learned: its parameters and its encoder's statistics. Policies of equal bits play alike. */
final class Learned {

    private final double[] parameters;
    private final double[] statistics;

    /** What it has learned until now. */
    Learned(Policy policy) {
        parameters = policy.parameters();
        statistics = policy.encoder().statistics();
    }

    /** Gives it to a policy of the same shape. */
    void putInto(Policy policy) {
        policy.setParameters(parameters);
        policy.encoder().setStatistics(statistics);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Learned that
                && Arrays.equals(parameters, that.parameters)
                && Arrays.equals(statistics, that.statistics);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(parameters) + Arrays.hashCode(statistics);
    }
}
