/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.random.SplitMix64;
import org.amend4j.training.TrainingSnapshot;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's own {@code fit}. What is random in a step, such as dropout, follows from the seed and the step's number, so
 * that a resumed training makes the steps of one that was never stopped.
 */
final class GraphFitting implements Fitting {

    private final ComputationGraph graph;
    private final Examples examples;
    private final MultiDataSetIterator batches;

    GraphFitting(ComputationGraph graph, Examples examples) {
        this.graph = graph;
        this.examples = examples;
        this.batches = examples.batches();
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public double[] step() {
        Nd4j.getRandom().setSeed(SplitMix64.draw(examples.seed(), graph.getIterationCount()));
        double penalties = graph.calcRegularizationScore(true);
        graph.fit(batches.next());
        return new double[] {graph.score() - penalties};
    }

    @Override
    public double[] losses() {
        return new double[0];
    }

    @Override
    public void reset() {
        batches.reset();
    }

    @Override
    public TrainingSnapshot snapshot() {
        INDArray state = updaterState();
        return new TrainingSnapshot(
                graph.params().dataType() == DataType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT,
                graph.getIterationCount(),
                ParameterVectors.of(graph),
                state == null ? List.of() : List.of(ParameterVectors.of(state)));
    }

    private @Nullable INDArray updaterState() {
        return graph.getUpdater().getStateViewArray();
    }

    @Override
    public void resume(TrainingSnapshot snapshot) {
        snapshot.requireLike(snapshot());
        ParameterVectors.copyInto(graph, snapshot.parameters());
        INDArray state = updaterState();
        if (state != null) {
            state.assign(ParameterVectors.array(snapshot.memory().get(0), state.dataType(), state.shape()));
        }
        graph.getConfiguration().setIterationCount(snapshot.steps());
        skip(EpochPlace.after(snapshot.steps(), examples.stepsPerEpoch()));
    }

    /** From the first batch of the first epoch; an epoch that was not begun cannot be ended. */
    private void skip(EpochPlace place) {
        for (int epoch = 0; epoch < place.epoch(); epoch++) {
            batches.next();
            batches.reset();
        }
        for (int step = 0; step < place.steps(); step++) {
            batches.next();
        }
    }

    @Override
    public void close() {}
}
