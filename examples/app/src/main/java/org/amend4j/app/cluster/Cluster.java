/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.util.List;
import java.util.Optional;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.graph.BlockPlace;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;

/**
 * The place where a job computes its divisible work. No result depends on it: blocks, batches of episodes and numbered tasks are the job's,
 * a cluster only computes them.
 */
public interface Cluster extends AutoCloseable {

    /** Where blocks of records are computed. */
    BlockPlace blocks();

    /** Who does numbered tasks. */
    NumberedTasks tasks();

    /**
     * Who plays numbered batches of episodes.
     *
     * @param policy that is played, as it begins
     * @param environments names of those that it is played in
     */
    Rollouts rollouts(SavedPolicy policy, List<String> environments);

    /**
     * What pieces of work compute on that may do so on a device.
     *
     * @param wanted by the user; where nothing is asked for, processors of executors
     * @throws org.amend4j.data.BadInputException if executors cannot have it
     */
    TaskDevice device(Devices.Wanted wanted);

    /** What it is, for people; empty if it is this process. */
    Optional<String> sentence();

    @Override
    void close();

    /** This process. */
    static Cluster here() {
        return new LocalCluster();
    }
}
