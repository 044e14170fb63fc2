/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.util.List;
import java.util.Optional;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.graph.BlockPlace;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;

/** This process. */
record LocalCluster() implements Cluster {

    @Override
    public BlockPlace blocks() {
        return BlockPlace.HERE;
    }

    @Override
    public NumberedTasks tasks() {
        return NumberedTasks.HERE;
    }

    @Override
    public Rollouts rollouts(SavedPolicy policy, List<String> environments) {
        return Rollouts.HERE;
    }

    @Override
    public TaskDevice device(Devices.Wanted wanted) {
        return () -> wanted;
    }

    @Override
    public Optional<String> sentence() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
