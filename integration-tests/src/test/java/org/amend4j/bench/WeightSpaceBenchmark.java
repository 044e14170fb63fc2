/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.integration.AmendLora;
import org.amend4j.integration.LoraPeer;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.amend4j.integration.TorchLora;
import org.amend4j.integration.UpdateRule;
import org.amend4j.internal.model.Configurations;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * One training step of adapters that add to weights: on two LSTMs and on two attention layers, against Deeplearning4j training every
 * weight; and of DoRA on dense layers, against plain LoRA and against both in libtorch.
 */
public final class WeightSpaceBenchmark {

    private static final String ADAPTERS = "amend4j fit, adapters";
    private static final String PLAN = "amend4j plan, adapters";
    private static final String FULL = "DL4J fit, every weight";
    private static final String LORA = "amend4j fit, LoRA";
    private static final String DORA = "amend4j fit, DoRA";
    private static final String TORCH_LORA = "libtorch LoRA";
    private static final String TORCH_DORA = "libtorch DoRA";

    /** So small that hundreds of steps on one batch leave the network where it was. */
    private static final double LEARNING_RATE = 1e-6;

    private static final int ROUNDS = 15;
    private static final int WARM_UP = 10;
    private static final int CLASSES = 10;
    private static final int SEED = 42;

    private WeightSpaceBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("weight-space", Machine.prepare());
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? ROUNDS : Integer.parseInt(arguments[1]);
        run(report, rounds, "DoRA on 4 x 1024, rank 8, batch 256", dense());
        for (int units : new int[] {128, 256, 512}) {
            Layer lstm =
                    new LSTM.Builder().nOut(units).activation(Activation.TANH).build();
            run(report, rounds, "two LSTMs of " + units + ", 30 steps, batch 32", sequences(lstm, units, 30));
        }
        Layer attention = new SelfAttentionLayer.Builder()
                .nIn(256)
                .nOut(256)
                .nHeads(4)
                .projectInput(true)
                .build();
        run(report, rounds, "two attentions of 256, 30 steps, batch 32", sequences(attention, 256, 30));
        report.write(Path.of(arguments[0]));
    }

    private static void run(BenchReport report, int rounds, String name, List<Contender> contenders) {
        OtherLoad others = new OtherLoad();
        PairedTiming timing = PairedTiming.measure(contenders, WARM_UP, rounds);
        contenders.forEach(contender -> contender.close().run());
        String ours = contenders.get(0).name();
        report.add(name, new BenchReport.Result(timing, ours, others.processors(), Map.of("rounds", rounds)));
    }

    private static List<Contender> sequences(Layer layer, int width, int time) {
        DataSet batch = batch(32, width, time);
        AdaptedModel adapted =
                attach(network(layer, width), LoraConfig.of(8, 16).withTargets("first", "second"));
        ComputationGraph full = network(layer, width);
        return List.of(
                new Contender(ADAPTERS, () -> adapted.graph().fit(batch), () -> {}),
                PlanContender.of(PLAN, adapted.graph(), Records.of(batch), Arithmetic.SINGLE),
                new Contender(FULL, () -> full.fit(batch), full::close));
    }

    private static List<Contender> dense() {
        LoraShape plain = new LoraShape(4, 1024, CLASSES, 8, 16, 256, true);
        AmendLora dora = new AmendLora(problem(plain.withDora()), UpdateRule.SGD, LEARNING_RATE);
        AmendLora lora = new AmendLora(problem(plain), UpdateRule.SGD, LEARNING_RATE);
        return List.of(
                PlanContender.of(PLAN + ", DoRA", dora.graph(), Records.of(dora.batch()), Arithmetic.SINGLE),
                PlanContender.of(PLAN + ", LoRA", lora.graph(), Records.of(lora.batch()), Arithmetic.SINGLE),
                contender(DORA, dora),
                contender(LORA, lora),
                contender(TORCH_DORA, new TorchLora(problem(plain.withDora()), UpdateRule.SGD, LEARNING_RATE)),
                contender(TORCH_LORA, new TorchLora(problem(plain), UpdateRule.SGD, LEARNING_RATE)));
    }

    private static LoraProblem problem(LoraShape shape) {
        return new LoraProblem(shape, SEED);
    }

    private static Contender contender(String name, LoraPeer peer) {
        return new Contender(name, peer::step, peer::close);
    }

    private static AdaptedModel attach(ComputationGraph network, LoraConfig config) {
        return AdaptedModel.attach(
                BaseModel.of(network),
                config.withTrainedInFull("out"),
                FineTuneConfiguration.builder().updater(new Sgd(LEARNING_RATE)).build());
    }

    private static ComputationGraph network(Layer layer, int width) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(LEARNING_RATE))
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", Configurations.copy(layer), "in")
                .addLayer("second", Configurations.copy(layer), "first")
                .addLayer("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "second")
                .addLayer("out", output(), "mean")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(width, RNNFormat.NCW))
                .build());
        graph.init();
        return graph;
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static DataSet batch(int rows, int width, int time) {
        Random random = new Random(2);
        INDArray features = TestNetworks.normal(DataType.FLOAT, random, rows, width, time);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, rows, CLASSES);
        for (int i = 0; i < rows; i++) {
            labels.putScalar(i, random.nextInt(CLASSES), 1);
        }
        return new DataSet(features, labels);
    }
}
