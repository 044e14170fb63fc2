/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.DoubleSupplier;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Examples;
import org.amend4j.app.compute.Fitting;
import org.amend4j.app.job.Progress;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Epochs of one of the ways that a demo compares, with a test after each. */
public final class MethodTraining {

    private final Compute compute;
    private final Progress progress;
    private final DoubleFunction<String> words;

    /**
     * Trains there.
     *
     * @param words what is said of the last test
     */
    public MethodTraining(Compute compute, Progress progress, DoubleFunction<String> words) {
        this.compute = compute;
        this.progress = progress;
        this.words = words;
    }

    /** For classifiers; their tests are accuracies. */
    public static MethodTraining ofClassifiers(Compute compute, Progress progress) {
        return new MethodTraining(
                compute, progress, share -> String.format(Locale.ROOT, "test accuracy %.1f %%", 100 * share));
    }

    /**
     * The measured part of a row.
     *
     * @param measures of the test after each epoch
     * @param seconds of each epoch, tests not counted
     */
    public record Trained(String method, List<Double> measures, List<Double> seconds) {

        /** Of a classifier, with what else a row has. */
        public Method row(String trained, long parameters, long bytes) {
            return new Method(method, trained, measures, seconds, parameters, bytes);
        }
    }

    /**
     * Trains a graph and tests it after each epoch.
     *
     * @param test of the graph as it is then
     */
    public Trained run(String method, ComputationGraph graph, int epochs, Examples examples, DoubleSupplier test) {
        List<Double> measures = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        try (Progress.Stage stage = progress.stage(method, (long) epochs * examples.stepsPerEpoch());
                Fitting fitting = compute.fitting(graph, examples)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                long start = System.nanoTime();
                while (fitting.hasNext()) {
                    double[] losses = fitting.step();
                    stage.step(1);
                    if (losses.length > 0) {
                        stage.note(String.format(Locale.ROOT, "loss %.3f", losses[losses.length - 1]));
                    }
                }
                fitting.reset();
                seconds.add((System.nanoTime() - start) / 1e9);
                measures.add(test.getAsDouble());
            }
            stage.note(words.apply(measures.get(epochs - 1)));
        }
        return new Trained(method, measures, seconds);
    }
}
