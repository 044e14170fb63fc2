/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.SmallTransformer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Records that come in parts are on a machine what they are in one. */
class RecordPartsTest {

    /** @param size what they say */
    private record Parts(int size, List<long[]> exampleShapes, List<Records> parts) implements RecordParts {}

    private static Parts cut(MultiDataSet data, int... ends) {
        Records whole = Records.of(data);
        List<Records> parts = new ArrayList<>();
        int from = 0;
        for (int end : ends) {
            parts.add(Records.of(
                    new MultiDataSet(rows(data.getFeatures(), from, end), rows(data.getLabels(), from, end))));
            from = end;
        }
        return new Parts(whole.size(), PlacedRecords.exampleShapes(whole), parts);
    }

    private static INDArray[] rows(INDArray[] arrays, int from, int to) {
        return Arrays.stream(arrays)
                .map(array -> array.get(NDArrayIndex.interval(from, to)).dup('c'))
                .toArray(INDArray[]::new);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
    void numbers_and_images_are_where_they_are_in_one_part(long seed) {
        RandomGraph dense = RandomGraph.of(seed);
        assertSamePlaces(dense.graph(), dense.data());
        RandomImageGraph images = RandomImageGraph.of(seed);
        assertSamePlaces(images.graph(), images.data());
    }

    @Test
    void words_are_where_they_are_in_one_part() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("words", new EmbeddingLayer.Builder().nIn(6).nOut(3).build(), "in")
                .addLayer("out", new OutputLayer.Builder().nIn(3).nOut(2).build(), "words")
                .setOutputs("out")
                .build());
        graph.init();
        INDArray words = Nd4j.createFromArray(4f, 0, 5, 1, 1, 3, 2).reshape(7, 1);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 7, 2);
        labels.getColumn(1).assign(1);
        assertSamePlaces(graph, new MultiDataSet(words, labels));
    }

    private static void assertSamePlaces(ComputationGraph graph, MultiDataSet data) {
        Records whole = Records.of(data);
        int n = whole.size();
        Network network = NetworkReader.training(
                ObservedGraph.of(graph, TrainingExtras.REFUSE).graph(), PlacedRecords.exampleShapes(whole));
        int[] ends = IntStream.rangeClosed(1, n)
                .filter(end -> end % 3 == 1 || end == n)
                .toArray();
        try (Machine machine = HostMachine.open(1);
                PlacedRecords one = new PlacedRecords(machine, ElementType.FLOAT, whole, network, n);
                PlacedRecords many = new PlacedRecords(machine, ElementType.FLOAT, cut(data, ends), network, n)) {
            int[] order = IntStream.range(0, n).toArray();
            Examples expected = one.batch(order, 0, n, Optional.empty());
            Examples found = many.batch(order, 0, n, Optional.empty());
            assertSame(machine, expected.inputs(), found.inputs());
            assertSame(machine, expected.labels(), found.labels());
            assertEquals(expected.words().keySet(), found.words().keySet());
            expected.words()
                    .forEach((input, words) ->
                            assertArrayEquals(words, found.words().get(input)));
        }
    }

    private static void assertSame(Machine machine, List<MachineArray> expected, List<MachineArray> found) {
        assertEquals(expected.size(), found.size());
        for (int k = 0; k < expected.size(); k++) {
            if (expected.get(k).type() == ElementType.FLOAT) {
                assertArrayEquals(machine.downloadFloats(expected.get(k)), machine.downloadFloats(found.get(k)));
            }
        }
    }

    private static ComputationGraph transformer() {
        LoraConfig config = LoraConfig.of(2, 4).withTargets("query", "up", "down");
        ComputationGraph plain = SmallTransformer.graph(DataType.FLOAT);
        return SmallNetworks.moved(SmallNetworks.adapted(plain, config).graph(), new Random(3), 0.3);
    }

    private static MultiDataSet texts() {
        DataSet data = SmallTransformer.data(DataType.FLOAT, 5);
        return new MultiDataSet(data.getFeatures(), data.getLabels());
    }

    /** The same records with more padding behind. */
    private static Records padded(Records part) {
        INDArray tokens = part.all().getFeatures(0);
        INDArray labels = part.all().getLabels(0);
        INDArray more = Nd4j.zeros(DataType.FLOAT, tokens.size(0), tokens.size(1), 3);
        INDArray none = Nd4j.zeros(DataType.FLOAT, labels.size(0), 3).subi(100);
        return Records.of(new MultiDataSet(Nd4j.concat(2, tokens, more), Nd4j.concat(1, labels, none)));
    }

    @Tag("kernels")
    @Test
    void texts_in_parts_of_different_times_train_to_the_same_bytes() {
        Parts cut = cut(texts(), 2, 3, 5);
        Records longer = padded(cut.parts().get(1));
        Parts parts = new Parts(
                5,
                PlacedRecords.exampleShapes(longer),
                List.of(cut.parts().get(0), longer, cut.parts().get(2)));
        ComputationGraph inOne = transformer();
        ComputationGraph inParts = inOne.clone();
        try (Machine machine = HostMachine.open(1);
                PlannedTraining one = PlannedTraining.of(machine, inOne, Records.of(texts()), 3, Arithmetic.SINGLE);
                PlannedTraining many = PlannedTraining.of(machine, inParts, parts, 3, Arithmetic.SINGLE)) {
            for (int[] step : new int[][] {{4, 1, 2}, {0, 3}, {2, 4}}) {
                one.step(step);
                many.step(step);
            }
            one.copyInto(inOne);
            many.copyInto(inParts);
        }
        assertTrue(ArrayBytes.same(inOne.params(), inParts.params()));
    }

    @Test
    void what_is_wrong_is_named_by_its_number_among_all() {
        MultiDataSet data = texts();
        data.getFeatures(0).putScalar(new int[] {3, 1, 0}, 0.5);
        refused(cut(data, 2, 5), "a mask must be 0 or 1, got 0.5 in example 3, step 0");
        Parts cut = cut(texts(), 2, 5);
        refused(new Parts(6, cut.exampleShapes(), cut.parts()), "parts must have 6 records in all, got 5");
        refused(new Parts(4, cut.exampleShapes(), cut.parts()), "parts must have 4 records in all, got 5");
    }

    private static void refused(RecordParts parts, String why) {
        try (Machine machine = HostMachine.open(1)) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class,
                    () -> PlannedTraining.of(machine, transformer(), parts, 2, Arithmetic.SINGLE));
            assertEquals(why, refusal.getMessage());
            assertEquals(0, machine.bytesInUse());
        }
    }
}
