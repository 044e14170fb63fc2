/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.util.Optional;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.graph.BlockPlace;

/**
 * Where a job computes what can be divided. No result depends on it: blocks and numbered tasks are the job's, a cluster only computes
 * them.
 */
public interface Cluster extends AutoCloseable {

    /** Where blocks of records are computed. */
    BlockPlace blocks();

    /** Who runs numbered tasks. */
    NumberedTasks tasks();

    /** What it is, for people; empty if it is this process. */
    Optional<String> sentence();

    @Override
    void close();

    /** This process. */
    static Cluster here() {
        return new Cluster() {
            @Override
            public BlockPlace blocks() {
                return BlockPlace.HERE;
            }

            @Override
            public NumberedTasks tasks() {
                return NumberedTasks.HERE;
            }

            @Override
            public Optional<String> sentence() {
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
    }
}
