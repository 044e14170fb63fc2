/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.Serializable;
import java.util.List;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Batch;
import org.amend4j.rollout.EnvironmentPool;
import org.amend4j.rollout.Rollouts;
import org.amend4j.spark.SparkRollouts;

/** Batches of episodes on executors. */
record ClusterRollouts(SparkRollouts cluster) implements Rollouts {

    @Override
    public <R extends Serializable> List<R> play(
            String occasion, EnvironmentPool here, Policy policy, List<? extends Batch<R>> batches) {
        return SparkCluster.refusing(() -> cluster.play(occasion, here, policy, batches));
    }
}
