/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.amend4j.data.BadInputException;

/**
 * Connects to one kind of cluster; found by Java's {@link ServiceLoader}, so that the command line runs without the
 * cluster's libraries.
 */
public interface ClusterMaker {

    /**
     * Connects to a cluster.
     *
     * @param master where it is, as Spark names it
     * @param job what the cluster's pages are to call it
     * @param news is told, on any thread, what becomes of it while it is used
     * @throws BadInputException if there is none, with the reason
     */
    Cluster open(String master, String job, Consumer<String> news);

    /**
     * Connects to a cluster of whichever kind is known here.
     *
     * @throws BadInputException if none is known
     */
    static Cluster connect(String master, String job, Consumer<String> news) {
        ClusterMaker maker = ServiceLoader.load(ClusterMaker.class)
                .findFirst()
                .orElseThrow(
                        () -> new BadInputException("--master needs Spark, which is not on the class path: start with"
                                + " ./amend4j, or with spark-submit and the assembled jar (docs/spark.md)"));
        return maker.open(master, job, news);
    }
}
