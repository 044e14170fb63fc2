/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.training.TrainingSnapshot;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A fitting that is resumed anywhere ends where it would have ended, by plans and by Deeplearning4j's own steps with their dropout. */
class ResumedFittingTest {

    private static final int EPOCHS = 3;
    private static final int BATCH = 16;

    /** Of 50 examples: the last step has 2. */
    private static final int PER_EPOCH = 4;

    private static final int END = EPOCHS * PER_EPOCH;

    /** Dropout is what a plan refuses. */
    private static ComputationGraph graph(IUpdater updater, boolean dropout, DataType type) {
        NeuralNetConfiguration.Builder settings =
                new NeuralNetConfiguration.Builder().seed(3).updater(updater).dataType(type);
        var builder = settings.graphBuilder().addInputs("in").addLayer("hidden", ComputeTest.hidden(), "in");
        if (dropout) {
            builder.addLayer("dropped", new DropoutLayer.Builder(0.7).build(), "hidden");
        } else {
            builder.addVertex("dropped", new ElementWiseVertex(ElementWiseVertex.Op.Add), "hidden", "hidden");
        }
        ComputationGraph graph = new ComputationGraph(builder.addLayer("out", ComputeTest.out(6), "dropped")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Examples examples(DataType type) {
        Examples examples = ComputeTest.examples(new ComputeTest.Rows(), BATCH);
        examples.batches().setPreProcessor(read -> {
            read.setFeatures(0, read.getFeatures(0).castTo(type));
            read.setLabels(0, read.getLabels(0).castTo(type));
        });
        return examples;
    }

    /** Up to some steps; other parts of the process draw numbers meanwhile. */
    private static void train(Fitting fitting, int from, int until, List<Double> losses) {
        for (int step = from; step < until; step++) {
            if (!fitting.hasNext()) {
                fitting.reset();
            }
            Nd4j.getRandom().nextDouble();
            DoubleStream.of(fitting.step()).forEach(losses::add);
        }
        DoubleStream.of(fitting.losses()).forEach(losses::add);
    }

    /** @param numbers of the graph, of the last snapshot's parameters and of its memory */
    private record Ended(List<double[]> numbers, List<Double> losses) {}

    private static Ended trained(IUpdater updater, boolean dropout, DataType type, int stop) {
        List<Double> losses = new ArrayList<>();
        TrainingSnapshot kept;
        try (Compute compute = ComputeTest.cpu();
                Fitting first = compute.fitting(graph(updater, dropout, type), examples(type))) {
            assertEquals(dropout, first instanceof GraphFitting);
            train(first, 0, stop, losses);
            kept = first.snapshot();
        }
        ComputationGraph graph = graph(updater, dropout, type);
        try (Compute compute = ComputeTest.cpu();
                Fitting second = compute.fitting(graph, examples(type))) {
            second.resume(kept);
            train(second, stop, END, losses);
            assertFalse(second.hasNext());
            TrainingSnapshot last = second.snapshot();
            assertEquals(END, last.steps());
            second.reset();
            List<double[]> numbers = new ArrayList<>(List.of(ParameterVectors.of(graph), last.parameters()));
            numbers.addAll(last.memory());
            return new Ended(numbers, losses);
        }
    }

    private static void assertTheSameWhereverItIsStopped(IUpdater updater, boolean dropout, DataType type) {
        Ended expected = trained(updater, dropout, type, 0);
        assertEquals(END, expected.losses().size());
        for (int stop = 1; stop <= END; stop++) {
            Ended ended = trained(updater, dropout, type, stop);
            String message = updater + ", stopped after " + stop;
            assertEquals(expected.losses(), ended.losses(), message);
            assertEquals(expected.numbers().size(), ended.numbers().size());
            for (int k = 0; k < expected.numbers().size(); k++) {
                assertArrayEquals(expected.numbers().get(k), ended.numbers().get(k), 0, message);
            }
        }
    }

    @Test
    void byPlans() {
        assertTheSameWhereverItIsStopped(new Adam(0.02), false, DataType.FLOAT);
        assertTheSameWhereverItIsStopped(new Sgd(0.1), false, DataType.DOUBLE);
    }

    @Test
    void byDeeplearning4jsStepsWithDropout() {
        assertTheSameWhereverItIsStopped(new Adam(0.02), true, DataType.FLOAT);
        assertTheSameWhereverItIsStopped(
                new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.2, 0.7)), true, DataType.DOUBLE);
        assertTheSameWhereverItIsStopped(new Nesterovs(0.1, 0.9), true, DataType.FLOAT);
    }

    /** The twin: dropout is there, and another one with another seed. */
    @Test
    void dropoutIsThatOfTheSeed() {
        List<List<Double>> all = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            Examples rows = ComputeTest.examples(new ComputeTest.Rows(), 50);
            Examples inOrder = new Examples(rows.batches(), rows.all(), 50, 50, seed);
            List<Double> losses = new ArrayList<>();
            try (Compute compute = ComputeTest.cpu();
                    Fitting fitting = compute.fitting(graph(new Sgd(0.1), true, DataType.FLOAT), inOrder)) {
                assertInstanceOf(GraphFitting.class, fitting);
                train(fitting, 0, 3, losses);
            }
            all.add(losses);
        }
        assertEquals(all.get(0), all.get(1));
        assertFalse(all.get(0).equals(all.get(2)));
    }

    @Test
    void aSnapshotOfAnotherTrainingIsRefused() {
        TrainingSnapshot other;
        try (Compute compute = ComputeTest.cpu();
                Fitting fitting =
                        compute.fitting(graph(new Sgd(0.1), true, DataType.FLOAT), examples(DataType.FLOAT))) {
            other = fitting.snapshot();
        }
        for (boolean dropout : new boolean[] {false, true}) {
            try (Compute compute = ComputeTest.cpu();
                    Fitting fitting =
                            compute.fitting(graph(new Adam(0.1), dropout, DataType.FLOAT), examples(DataType.FLOAT))) {
                double[] before = fitting.snapshot().parameters();
                IllegalArgumentException refused =
                        assertThrows(IllegalArgumentException.class, () -> fitting.resume(other));
                assertTrue(refused.getMessage().contains("an optimizer without memory"), refused.getMessage());
                assertTrue(Arrays.equals(before, fitting.snapshot().parameters()));
            }
        }
    }

    @Test
    void aPlaceIsInTheEpochOfTheLastStep() {
        assertEquals(new EpochPlace(0, 0), EpochPlace.after(0, 3));
        assertEquals(new EpochPlace(0, 1), EpochPlace.after(1, 3));
        assertEquals(new EpochPlace(0, 3), EpochPlace.after(3, 3));
        assertEquals(new EpochPlace(1, 1), EpochPlace.after(4, 3));
        assertEquals(new EpochPlace(Integer.MAX_VALUE - 1, 1), EpochPlace.after(Integer.MAX_VALUE, 1));
    }
}
