/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.Optional;
import java.util.ServiceLoader;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Sums of clipped gradients where a graph's layers would have a pass for each record. Found by Java's {@link ServiceLoader}; one of these
 * serves the objectives of one graph, one at a time.
 */
public interface ClippedSums {

    /** The one that is there, made anew. */
    static Optional<ClippedSums> find() {
        return ServiceLoader.load(ClippedSums.class, ClippedSums.class.getClassLoader())
                .findFirst();
    }

    /**
     * What sums up gradients of these records until other records are asked for.
     *
     * @param graph only read
     * @return empty if records would have a pass each here, too
     */
    Optional<Sum> on(ComputationGraph graph, Records data, Clipping clipping);

    /** Of some data's records, clipped. */
    interface Sum {

        /**
         * Overwrites a vector with the sum of clipped gradients.
         *
         * @param order places of records in the data
         * @return the sum of their losses
         * @throws ArithmeticException if somebody's gradient is not finite, naming the record or subject
         */
        double at(double[] theta, int[] order, double[] gradient);

        /** What decides its bytes beside the function and the records, for fingerprints. */
        String origin();
    }
}
