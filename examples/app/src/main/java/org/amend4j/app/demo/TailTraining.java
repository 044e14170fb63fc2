/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.data.Answers;
import org.amend4j.app.data.Batches;
import org.amend4j.app.data.Labelled;
import org.amend4j.app.job.Progress;
import org.amend4j.graph.Records;
import org.amend4j.planned.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;

/** Epochs above frozen layers whose activations are the examples. */
final class TailTraining {

    private final Compute compute;
    private final int batch;
    private final long seed;
    private final Progress progress;

    TailTraining(Compute compute, int batch, long seed, Progress progress) {
        this.compute = compute;
        this.batch = batch;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * The measured part of a row.
     *
     * @param answers to the test examples after the last epoch
     */
    record Trained(String method, List<Double> accuracies, List<Double> seconds, Answers answers) {
        Row row(String trained, long parameters, long bytes) {
            return new Row(method, trained, accuracies, seconds, parameters, bytes);
        }
    }

    /** Trains a graph and tests it after each epoch. */
    Trained run(String method, ComputationGraph graph, int epochs, Labelled training, Labelled test) {
        Batches batches = Batches.shuffled(training, batch, seed);
        Examples examples = new Examples(
                new MultiDataSetIteratorAdapter(batches),
                () -> RecordParts.whole(
                        Records.read(new MultiDataSetIteratorAdapter(Batches.inOrder(training, batch)))),
                training.size(),
                batch,
                seed);
        List<Answers> answers = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        try (Progress.Stage stage = progress.stage(method, (long) epochs * batches.perEpoch());
                Fitting fitting = compute.fitting(graph, examples)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                long start = System.nanoTime();
                while (fitting.hasNext()) {
                    double[] losses = fitting.step();
                    stage.step(1);
                    if (losses.length > 0) {
                        stage.note(String.format(java.util.Locale.ROOT, "loss %.3f", losses[losses.length - 1]));
                    }
                }
                fitting.reset();
                seconds.add((System.nanoTime() - start) / 1e9);
                answers.add(Answers.of(graph, test, 100));
            }
            stage.note(String.format(
                    java.util.Locale.ROOT,
                    "test accuracy %.1f %%",
                    100 * answers.get(epochs - 1).accuracy().share()));
        }
        List<Double> accuracies =
                answers.stream().map(one -> one.accuracy().share()).toList();
        return new Trained(method, accuracies, seconds, answers.get(epochs - 1));
    }
}
