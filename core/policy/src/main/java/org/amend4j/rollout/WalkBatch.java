/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.WalkCollector.Way;

/**
 * Walks, one after the other, each with generators of its own.
 *
 * @param walks which
 */
record WalkBatch(List<Way> walks) implements Batch<WalkBatch.Ends> {

    /**
     * Where walks ended.
     *
     * @param steps of all together
     * @param ends of those that are not over before
     */
    record Ends(long steps, List<End> ends) implements Serializable {}

    /**
     * A state, as it was observed, and an action.
     *
     * @param allowed in the state; empty if all are
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    record End(double[] observation, double[] action, boolean[] allowed) implements Serializable {}

    @Override
    public Ends play(EnvironmentPool player, Policy policy) {
        List<End> ends = new ArrayList<>();
        long steps = 0;
        for (Way way : walks) {
            TransitionStream walk = new TransitionStream(
                    player.environments(1), policy, new SplitMix64(way.starts()), new SplitMix64(way.actions()));
            boolean over = false;
            int made = 0;
            while (made < way.steps() && !over) {
                made++;
                over = over(walk.advance(), made, way.steps());
            }
            steps += made;
            if (!over) {
                ends.add(new End(walk.observation(), walk.action(), walk.allowed()));
            }
        }
        return new Ends(steps, ends);
    }

    private static boolean over(OnPolicyTransition transition, int made, int wanted) {
        if (transition.truncated() && !transition.terminated()) {
            throw new IllegalStateException("the actor must be able to walk " + wanted
                    + " steps, got an episode cut off after " + made + ": switch the time limit off");
        }
        return transition.terminated();
    }
}
