/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.List;
import org.amend4j.training.PlannedTraining;
import org.amend4j.training.TrainingSnapshot;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Training by plans on a machine that keeps the examples, in the steps of {@link Examples#steps}. Losses are read as rarely as it
 * can keep them, since reading waits until all steps are done.
 */
final class PlannedFitting implements Fitting {

    private final PlannedTraining training;
    private final ComputationGraph graph;
    private final Examples examples;
    private int epoch;
    private int unasked;

    PlannedFitting(PlannedTraining training, ComputationGraph graph, Examples examples) {
        this.training = training;
        this.graph = graph;
        this.examples = examples;
        begin();
    }

    private void begin() {
        training.begin(examples.steps().apply(epoch));
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
        return losses();
    }

    @Override
    public double[] losses() {
        double[] losses = unasked == 0 ? new double[0] : training.losses(unasked);
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
    public TrainingSnapshot snapshot() {
        return training.snapshot();
    }

    @Override
    public void resume(TrainingSnapshot snapshot) {
        training.restore(snapshot);
        EpochPlace place = EpochPlace.after(snapshot.steps(), examples.stepsPerEpoch());
        epoch = place.epoch();
        unasked = 0;
        if (place.steps() < examples.stepsPerEpoch()) {
            List<int[]> steps = examples.steps().apply(epoch);
            training.begin(steps.subList(place.steps(), steps.size()));
        }
    }

    @Override
    public void close() {
        training.close();
    }
}
