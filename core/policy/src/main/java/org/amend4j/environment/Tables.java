/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Short ways to write tables. */
final class Tables {

    private Tables() {}

    interface Row {
        List<Transition> outcomes(int state, int action);
    }

    static List<List<List<Transition>>> of(int states, int actions, Row row) {
        return IntStream.range(0, states)
                .mapToObj(state -> IntStream.range(0, actions)
                        .mapToObj(action -> row.outcomes(state, action))
                        .toList())
                .toList();
    }

    /** All probability on one of n states. */
    static double[] only(int n, int state) {
        double[] result = new double[n];
        result[state] = 1;
        return result;
    }

    /** A move that slips: to the action before, the action itself, or the one after, in a circle of four. */
    static List<Transition> slipping(int action, IntFunction<Transition> move) {
        return List.of(move.apply((action + 3) % 4), move.apply(action), move.apply((action + 1) % 4));
    }
}
