/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * One Adam step of a network as small as tables have them, 16 inputs, 32 hidden units, 4 classes, 32 examples: what calls cost, not
 * arithmetic.
 */
public final class SmallBenchmark {

    private static final String PLAN = "amend4j plan, adapters";
    private static final String PLAN_OF_ALL = "amend4j plan, every weight";
    private static final String LORA = "amend4j fit, adapters";
    private static final String FULL = "DL4J fit, every weight";

    private static final int INPUTS = 16;
    private static final int HIDDEN = 32;
    private static final int CLASSES = 4;
    private static final int BATCH = 32;
    private static final int WARM_UP = 3000;
    /** Steps that are timed as one. */
    private static final int TOGETHER = 20;

    private static final int ROUNDS = 41;
    private static final double LEARNING_RATE = 1e-6;

    private SmallBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("small", Machine.prepare());
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? ROUNDS : Integer.parseInt(arguments[1]);
        DataSet batch = batch();
        ComputationGraph full = network();
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(network()),
                LoraConfig.of(4, 8).withTargets("hidden").withTrainedInFull("out"),
                FineTuneConfiguration.builder().updater(new Adam(LEARNING_RATE)).build());
        List<Contender> contenders = List.of(
                together(PlanContender.of(PLAN, adapted.graph(), Records.of(batch), Arithmetic.SINGLE)),
                together(PlanContender.of(PLAN_OF_ALL, network(), Records.of(batch), Arithmetic.SINGLE)),
                together(new Contender(LORA, () -> adapted.graph().fit(batch), () -> {})),
                together(new Contender(FULL, () -> full.fit(batch), full::close)));
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, WARM_UP / TOGETHER, rounds);
        contenders.forEach(contender -> contender.close().run());
        report.add(
                TOGETHER + " steps of 16-32-4, batch 32, Adam",
                new BenchReport.Result(timing, PLAN, others.processors(), Map.of("rounds", rounds)));
        report.write(Path.of(arguments[0]));
    }

    private static Contender together(Contender one) {
        Runnable steps = () -> {
            for (int step = 0; step < TOGETHER; step++) {
                one.step().run();
            }
        };
        return new Contender(one.name(), steps, one.close(), one.begin());
    }

    private static ComputationGraph network() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(LEARNING_RATE))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(INPUTS)
                                .nOut(HIDDEN)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(HIDDEN)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static DataSet batch() {
        Random random = new Random(2);
        INDArray features = TestNetworks.normal(DataType.FLOAT, random, BATCH, INPUTS);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, random.nextInt(CLASSES), 1);
        }
        return new DataSet(features, labels);
    }
}
