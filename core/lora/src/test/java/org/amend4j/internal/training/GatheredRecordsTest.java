/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.SmallNetworks.dense;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Records that lie apart come to a batch as they are, however many inputs and labels they have. */
class GatheredRecordsTest {

    private static final int RECORDS = 9;
    private static final int[] CHOSEN = {7, 2, 2, 8, 0};

    private static GraphBuilder builder() {
        return SmallNetworks.builder(DataType.FLOAT, 3);
    }

    private static INDArray numbers(int width) {
        return TestNetworks.normal(DataType.FLOAT, new Random(width), RECORDS, width);
    }

    private static INDArray[] arrays(INDArray... arrays) {
        return arrays;
    }

    @Test
    void asManyInputsAsLabels() {
        assertGathered(
                TestNetworks.branching(DataType.FLOAT, 3),
                arrays(numbers(4), numbers(3)),
                arrays(numbers(3), numbers(2)));
    }

    @Test
    void moreInputsThanLabels() {
        ComputationGraph graph = initialised(builder()
                .addInputs("left", "right")
                .addVertex("both", new MergeVertex(), "left", "right")
                .addLayer("out", output(12, 2, LossFunction.MSE, Activation.IDENTITY), "both")
                .setOutputs("out"));
        assertGathered(graph, arrays(numbers(4), numbers(8)), arrays(numbers(2)));
    }

    @Test
    void moreLabelsThanInputs() {
        ComputationGraph graph = initialised(builder()
                .addInputs("in")
                .addLayer("out", output(5, 4, LossFunction.MSE, Activation.IDENTITY), "in")
                .addLayer("also", output(5, 3, LossFunction.MSE, Activation.IDENTITY), "in")
                .setOutputs("out", "also"));
        assertGathered(graph, arrays(numbers(5)), arrays(numbers(4), numbers(3)));
    }

    /** Which are sent, and numbers behind them. */
    @Test
    void wordsAmongTheInputs() {
        ComputationGraph graph = initialised(builder()
                .addInputs("word", "in")
                .addLayer("row", new EmbeddingLayer.Builder().nIn(6).nOut(3).build(), "word")
                .addLayer("dense", dense(5, 4, Activation.TANH), "in")
                .addVertex("both", new MergeVertex(), "row", "dense")
                .addLayer("out", output(7, 2, LossFunction.MSE, Activation.IDENTITY), "both")
                .setOutputs("out"));
        INDArray words = numbers(1);
        for (int k = 0; k < RECORDS; k++) {
            words.putScalar(k, k % 6);
        }
        assertGathered(graph, arrays(words, numbers(5)), arrays(numbers(2)));
    }

    private static void assertGathered(ComputationGraph graph, INDArray[] features, INDArray[] labels) {
        Records records = Records.of(new MultiDataSet(features, labels));
        Network network = NetworkReader.training(
                ObservedGraph.of(graph, TrainingExtras.REFUSE).graph(), PlacedRecords.exampleShapes(records));
        int count = CHOSEN.length;
        try (Machine machine = LawMachines.plain();
                PlacedRecords placed = new PlacedRecords(machine, ElementType.FLOAT, records, network, count);
                MachineArray losses = machine.allocate("losses", ElementType.FLOAT, count)) {
            assertRows(machine, features, labels, placed.batch(CHOSEN, 0, count, Optional.empty()), CHOSEN);
            int[] others = {1, 3, 5};
            if (!placed.hasWords()) {
                machine.upload(others, placed.chosen().slice(0, others.length));
                assertRows(machine, features, labels, placed.gathered(others.length, losses), others);
            }
        }
    }

    private static void assertRows(
            Machine machine, INDArray[] features, INDArray[] labels, Examples batch, int[] chosen) {
        assertRows(machine, features, batch.inputs(), chosen);
        assertRows(machine, labels, batch.labels(), chosen);
    }

    private static void assertRows(Machine machine, INDArray[] arrays, List<MachineArray> found, int[] chosen) {
        assertEquals(arrays.length, found.size());
        for (int k = 0; k < arrays.length; k++) {
            if (found.get(k).type() == ElementType.FLOAT) {
                float[] expected = arrays[k].getRows(chosen).dup('c').data().asFloat();
                assertArrayEquals(expected, machine.downloadFloats(found.get(k)));
            }
        }
    }
}
