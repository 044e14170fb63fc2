/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Exhaustive;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Activation layers beside other readers of their input, and before several readers: base, disabled adapters, plan and prefix
 * compute what {@code fit} sees, and leave the features alone. Deeplearning4j's own {@code output} does neither.
 */
class OverwrittenInputsTest {

    private static final int WIDTH = 4;

    private static final int RECORDS = 3;

    private static final FineTuneConfiguration TRAINING =
            new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build();

    /** Sums of a few terms of order 1, some tens of operations deep, in single precision. */
    private static final float ROUNDING = 1e-5f;

    private static ComputationGraph random(long seed) {
        Random random = new Random(seed);
        GraphBuilder graph =
                new NeuralNetConfiguration.Builder().seed(seed).graphBuilder().addInputs("in");
        List<String> made = new ArrayList<>(List.of("in"));
        int count = 3 + random.nextInt(5);
        for (int k = 0; k < count; k++) {
            String below = made.get(random.nextInt(made.size()));
            String name = "v" + k;
            switch (random.nextInt(3)) {
                case 0 ->
                    graph.addLayer(
                            name,
                            new DenseLayer.Builder()
                                    .nIn(WIDTH)
                                    .nOut(WIDTH)
                                    .activation(Activation.TANH)
                                    .build(),
                            below);
                case 1 ->
                    graph.addLayer(
                            name,
                            new ActivationLayer.Builder()
                                    .activation(List.of(Activation.RELU, Activation.TANH, Activation.SIGMOID)
                                            .get(random.nextInt(3)))
                                    .build(),
                            below);
                default ->
                    graph.addVertex(
                            name,
                            new ElementWiseVertex(ElementWiseVertex.Op.Add),
                            below,
                            made.get(random.nextInt(made.size())));
            }
            made.add(name);
        }
        graph.addVertex("all", new ElementWiseVertex(ElementWiseVertex.Op.Average), made.toArray(String[]::new));
        graph.addLayer(
                "out",
                new OutputLayer.Builder()
                        .nIn(WIDTH)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build(),
                "all");
        ComputationGraph network = new ComputationGraph(graph.setOutputs("out").build());
        network.init();
        return network;
    }

    private static float[] numbers(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    private static float[] planned(HostMachine machine, ComputationGraph network, INDArray features) {
        try (PlannedPrefix plan =
                PlannedPrefix.of(machine, network, List.of("out"), Arithmetic.SINGLE, RECORDS, features)) {
            return numbers(plan.run(features)[0]);
        }
    }

    private static boolean isFar(float[] right, float[] found) {
        for (int i = 0; i < right.length; i++) {
            if (!(Math.abs(right[i] - found[i]) <= ROUNDING)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void baseDisabledAdaptersPlanAndPrefixComputeTheSame() {
        int[] differ = new int[5];
        int stock = 0;
        try (HostMachine machine = HostMachine.open(1)) {
            for (int seed = 0; seed < Exhaustive.times(60, 300); seed++) {
                ComputationGraph network = random(seed);
                INDArray features = Nd4j.randn(DataType.FLOAT, 3, WIDTH);
                INDArray kept = features.dup();
                Map<String, INDArray> trained = network.feedForward(new INDArray[] {features.dup()}, true, false);
                float[] right = numbers(trained.get("out"));
                BaseModel base = BaseModel.of(network);
                AdaptedModel model =
                        AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets("out"), TRAINING);
                float[][] found = {
                    numbers(base.network().outputSingle(features.dup())),
                    numbers(model.graph().outputSingle(features.dup())),
                    planned(machine, network, features.dup()),
                    numbers(model.tail()
                            .outputSingle(model.prefix()
                                    .map(prefix -> prefix.run(features.dup())[0])
                                    .orElse(features))),
                    numbers(features)
                };
                base.network().outputSingle(features);
                model.graph().outputSingle(features);
                stock += isFar(right, numbers(network.outputSingle(features.dup()))) ? 1 : 0;
                for (int k = 0; k < 4; k++) {
                    differ[k] += isFar(right, found[k]) ? 1 : 0;
                }
                differ[4] += isFar(numbers(kept), numbers(features)) ? 1 : 0;
            }
        }
        assertArrayEquals(new int[5], differ, "base, adapted, plan, prefix, features");
        assertTrue(stock > 10, "what is held here must be at stake, Deeplearning4j's own differs in " + stock);
    }
}
