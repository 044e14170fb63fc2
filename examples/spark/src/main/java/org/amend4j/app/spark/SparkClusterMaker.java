/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.util.function.Consumer;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.cluster.ClusterMaker;

/** Connects to Spark clusters. */
public final class SparkClusterMaker implements ClusterMaker {

    @Override
    public Cluster open(String master, String job, Consumer<String> news) {
        return SparkCluster.connect(master, job, news);
    }
}
