/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import org.amend4j.app.data.Batches;
import org.amend4j.planned.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Training by plans on a machine that keeps the examples, in the order of {@link Batches#shuffled}. Losses are read as rarely as it
 * can keep them, since reading waits until all steps are done.
 */
final class PlannedFitting implements Fitting {

    private final PlannedTraining training;
    private final ComputationGraph graph;
    private final int examples;
    private final long seed;
    private long epoch;
    private int unasked;

    PlannedFitting(PlannedTraining training, ComputationGraph graph, int examples, long seed) {
        this.training = training;
        this.graph = graph;
        this.examples = examples;
        this.seed = seed;
        begin();
    }

    private void begin() {
        training.begin(Batches.order(examples, seed, epoch));
    }

    @Override
    public boolean hasNext() {
        return training.hasNext();
    }

    @Override
    public double[] step() {
        training.next();
        unasked++;
        if (hasNext() && unasked < training.lossesKept()) {
            return new double[0];
        }
        double[] losses = training.losses(unasked);
        unasked = 0;
        return losses;
    }

    @Override
    public void reset() {
        training.copyInto(graph);
        epoch++;
        begin();
    }

    @Override
    public void close() {
        training.close();
    }
}
