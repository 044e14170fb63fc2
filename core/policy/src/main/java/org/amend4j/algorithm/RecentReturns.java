/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import org.amend4j.rollout.EpisodeSummary;

/** Returns of the last episodes. */
final class RecentReturns {

    private final int window;
    private final Deque<Double> returns = new ArrayDeque<>();

    RecentReturns(int window) {
        this.window = window;
    }

    void add(Iterable<EpisodeSummary> episodes) {
        for (EpisodeSummary episode : episodes) {
            if (returns.size() == window) {
                returns.removeFirst();
            }
            returns.addLast(episode.reward());
        }
    }

    /** Their mean, once there are as many as the window holds. */
    OptionalDouble mean() {
        return returns.size() < window
                ? OptionalDouble.empty()
                : returns.stream().mapToDouble(Double::doubleValue).average();
    }

    double[] state() {
        return returns.stream().mapToDouble(Double::doubleValue).toArray();
    }

    void restore(double[] state) {
        returns.clear();
        for (double value : state) {
            returns.addLast(value);
        }
    }
}
