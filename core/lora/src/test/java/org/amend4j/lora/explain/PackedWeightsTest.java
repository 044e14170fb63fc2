/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** What oneDNN's packed copies of a base take, against what is said before. */
class PackedWeightsTest {

    @BeforeEach
    void weightsArePacked() {
        boolean packs = OneDnn.here().filter(OneDnn::hasOwnCode).isPresent();
        assumeTrue(packs, "oneDNN has no code of its own for this processor");
    }

    /**
     * Measured: a training holds the base's weights once for the forward pass and, but for the first layer's, once for the backward
     * pass, in blocks of up to 64 columns. What else it needs for four records is less than the first layer's would be.
     */
    @Test
    void aTrainingPacksTheWeightsOfTheBaseAsOftenAsItsExplanationSays() {
        for (int width : new int[] {300, 320, 1024}) {
            BaseModel base = BaseModel.of(dense(width));
            LoraConfig config = LoraConfig.of(1, 2);
            long said = LoraExplanation.of(base, config).base().mostPackedBytes();
            ComputationGraph graph = AdaptedModel.attach(
                            base,
                            config,
                            new FineTuneConfiguration.Builder()
                                    .updater(new Sgd(0.1))
                                    .build())
                    .graph();
            DataSet data = new DataSet(
                    Nd4j.createFromArray(numbers(4 * width)).reshape(new long[] {4, width}),
                    Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {1, 0}, {0, 1}}));
            try (Machine machine = HostMachine.open(2);
                    PlannedTraining training =
                            PlannedTraining.of(machine, graph, Records.of(data), 4, Arithmetic.SINGLE)) {
                training.step(new int[] {0, 1, 2, 3});
                double blocks = Math.pow((width + 63) / 64 * 64 / (double) width, 2);
                long used = machine.bytesInUse();
                assertTrue(used <= said * blocks, width + ": " + used + " of " + said);
                assertTrue(used >= said * 7 / 8.0, width + ": " + used + " of " + said);
            }
        }
    }

    private static ComputationGraph dense(int width) {
        var builder =
                new NeuralNetConfiguration.Builder().seed(1).graphBuilder().addInputs("in");
        String below = "in";
        for (int layer = 0; layer < 4; layer++) {
            builder.addLayer(
                    "dense" + layer,
                    new DenseLayer.Builder()
                            .nIn(width)
                            .nOut(width)
                            .activation(Activation.TANH)
                            .build(),
                    below);
            below = "dense" + layer;
        }
        builder.addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(width)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        below)
                .setOutputs("out");
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    private static float[] numbers(int size) {
        Random random = new Random(4);
        float[] numbers = new float[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
