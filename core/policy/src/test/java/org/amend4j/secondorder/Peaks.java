/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;

/** A process whose best policy of its class is at finite parameters, with curvature and noise. */
final class Peaks {

    private Peaks() {}

    /**
     * The XOR process with equal actions punished instead, all states looking alike, and 1 added to all rewards:
     * J = Σγ^t + c·(4p(1-p) - 1), p the probability of action 1, greatest at p = 1/2.
     */
    static TabularEnvironment alike() {
        List<List<List<Transition>>> rows = new ArrayList<>();
        rows.add(List.of(List.of(new Transition(1, 1, 1, false)), List.of(new Transition(1, 2, 1, false))));
        rows.add(List.of(List.of(new Transition(1, 0, 0, false)), List.of(new Transition(1, 0, 2, false))));
        rows.add(List.of(List.of(new Transition(1, 0, 2, false)), List.of(new Transition(1, 0, 0, false))));
        return new TabularEnvironment(new FiniteMdp(rows, new double[] {1, 0, 0}), new int[] {0, 0, 0});
    }
}
