/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.data.Labelled;
import org.amend4j.lora.AdaptedModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Computes graphs' answers to examples on a cluster, part by part. The parts are whole mini-batches, so every number is that of one
 * process.
 */
public final class Evaluation {

    /** Mini-batches a part. */
    private static final int BATCHES = 8;

    /** On a device, which each part opens. */
    private static final int BATCHES_ON_A_DEVICE = 64;

    /** Values of features that are on their way at a time. */
    private static final long MOST_VALUES = 1L << 26;

    private final NumberedTasks tasks;
    private final Progress progress;

    /** @param tasks who evaluates parts */
    public Evaluation(NumberedTasks tasks, Progress progress) {
        this.tasks = tasks;
        this.progress = progress;
    }

    /**
     * What a classifier says.
     *
     * @param graph plain, with one input and one output of class probabilities
     * @param batch examples at a time
     * @param place what parts are computed on
     */
    public Answers answers(ComputationGraph graph, Labelled examples, int batch, Place place)
            throws IOException, InterruptedException {
        int part = (place.onDevices() ? BATCHES_ON_A_DEVICE : BATCHES) * batch;
        int atATime = (int) Math.max(1, MOST_VALUES / ((long) part * examples.length()));
        List<Answers> answers = new ArrayList<>();
        Classify work = new Classify(PortableGraph.of(graph), batch, place);
        try (Progress.Stage stage = progress.stage("examples", examples.size())) {
            for (int from = 0; from < examples.size(); from += part * atATime) {
                List<ExamplePart> parts = new ArrayList<>();
                for (int at = from; at < Math.min(examples.size(), from + part * atATime); at += part) {
                    parts.add(ExamplePart.of(examples, at, Math.min(examples.size(), at + part)));
                }
                try (Progress.Stage unseen = Progress.silent().stage("", parts.size())) {
                    answers.addAll(tasks.run("parts of the examples", parts, work, unseen));
                }
                stage.reach(Math.min(examples.size(), from + part * atATime));
            }
        }
        return Answers.joined(answers);
    }

    /**
     * What parts of an evaluation are computed on.
     *
     * @param onDevices whether that is not the processors
     */
    public record Place(TaskDevice device, ProductPrecision precision, boolean onDevices) implements Serializable {}

    private record Classify(PortableGraph graph, int batch, Place place)
            implements NumberedTasks.Work<ExamplePart, Answers> {

        @Override
        public Answers with(ExamplePart part) {
            try (Compute compute = Compute.open(place.device().here(), place.precision(), Progress.silent())) {
                return compute.answers(graph.graph(), part, batch);
            }
        }
    }

    /**
     * What a graph says of mini-batches of texts.
     *
     * @param said of a graph and a mini-batch: a number an example, or several
     * @return of each mini-batch what was said, one example's after the other's
     */
    public List<double[]> texts(AdaptedModel model, List<DataSet> batches, Said said)
            throws IOException, InterruptedException {
        return texts(PortableGraph.of(model), batches, said);
    }

    /** As {@link #texts(AdaptedModel, List, Said)}, of a plain graph. */
    public List<double[]> texts(ComputationGraph graph, List<DataSet> batches, Said said)
            throws IOException, InterruptedException {
        return texts(PortableGraph.of(graph), batches, said);
    }

    private List<double[]> texts(PortableGraph graph, List<DataSet> batches, Said said)
            throws IOException, InterruptedException {
        List<ArrayList<DataSet>> parts = new ArrayList<>();
        for (int from = 0; from < batches.size(); from += BATCHES) {
            parts.add(new ArrayList<>(batches.subList(from, Math.min(batches.size(), from + BATCHES))));
        }
        try (Progress.Stage stage = progress.stage("parts of the texts", parts.size())) {
            return tasks.run("parts of the texts", parts, new Read(graph, said), stage).stream()
                    .flatMap(List::stream)
                    .toList();
        }
    }

    /** What is asked of a graph about a mini-batch. */
    @FunctionalInterface
    public interface Said extends Serializable {

        /** The answer, [examples, …]. */
        INDArray of(ComputationGraph graph, DataSet batch);
    }

    private record Read(PortableGraph graph, Said said)
            implements NumberedTasks.Work<ArrayList<DataSet>, ArrayList<double[]>> {

        @Override
        public ArrayList<double[]> with(ArrayList<DataSet> part) {
            ArrayList<double[]> all = new ArrayList<>();
            for (DataSet batch : part) {
                all.add(said.of(graph.graph(), batch).dup('c').data().asDouble());
            }
            return all;
        }
    }
}
