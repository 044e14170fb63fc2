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
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
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
 * One training step of an embedding below two LSTMs, all frozen but an adapter on the embedding and the output layer, by a plan and by
 * {@code fit}, against Deeplearning4j training every weight, and against its {@code FrozenLayerWithBackprop} around the LSTMs.
 */
public final class RecurrentBenchmark {

    private static final String LORA = "amend4j LoRA below frozen LSTMs";
    private static final String PLAN = "amend4j LoRA below frozen LSTMs, by a plan";
    private static final String FROZEN = "DL4J FrozenLayerWithBackprop";
    private static final String FULL = "DL4J full";

    /** So small that hundreds of steps on one batch leave the network where it was. */
    private static final double LEARNING_RATE = 1e-6;

    private static final int ROUNDS = 15;
    private static final int WARM_UP = 10;
    private static final int BATCH = 32;
    private static final int INPUTS = 64;
    private static final int EMBEDDING = 128;
    private static final int CLASSES = 10;

    /** Units and time steps. */
    private record Shape(int units, int time) {}

    private RecurrentBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments the directory of the results; optionally the number of timed rounds, or {@code default}
     */
    public static void main(String[] arguments) throws IOException {
        BenchReport report = new BenchReport("recurrent", Machine.prepare());
        int rounds = arguments.length < 2 || arguments[1].equals("default") ? ROUNDS : Integer.parseInt(arguments[1]);
        for (Shape shape : List.of(new Shape(128, 50), new Shape(256, 40), new Shape(512, 20))) {
            List<Contender> contenders = contenders(shape);
            OtherLoad others = new OtherLoad();
            PairedTiming timing = PairedTiming.measure(contenders, WARM_UP, rounds);
            contenders.forEach(contender -> contender.close().run());
            report.add(
                    "two LSTMs of " + shape.units() + ", " + shape.time() + " steps, batch " + BATCH,
                    new BenchReport.Result(timing, PLAN, others.processors(), Map.of("rounds", rounds)));
        }
        report.write(Path.of(arguments[0]));
    }

    private static List<Contender> contenders(Shape shape) {
        DataSet batch = batch(shape);
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(network(shape, false)),
                LoraConfig.of(8, 16).withTargets("embedding").withTrainedInFull("out"),
                FineTuneConfiguration.builder().updater(new Sgd(LEARNING_RATE)).build());
        ComputationGraph full = network(shape, false);
        ComputationGraph frozen = network(shape, true);
        return List.of(
                PlanContender.of(PLAN, adapted.graph(), Records.of(batch), Arithmetic.SINGLE),
                new Contender(LORA, () -> adapted.graph().fit(batch), () -> {}),
                new Contender(FROZEN, () -> frozen.fit(batch), frozen::close),
                new Contender(FULL, () -> full.fit(batch), full::close));
    }

    private static ComputationGraph network(Shape shape, boolean frozen) {
        Layer below = lstm(shape);
        Layer above = new LastTimeStep(lstm(shape));
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(LEARNING_RATE))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "embedding",
                        new DenseLayer.Builder()
                                .nOut(EMBEDDING)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("below", frozen ? new FrozenLayerWithBackprop(below) : below, "embedding")
                .addLayer("above", frozen ? new FrozenLayerWithBackprop(above) : above, "below")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "above")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(INPUTS, RNNFormat.NCW))
                .build());
        graph.init();
        return graph;
    }

    private static LSTM lstm(Shape shape) {
        return new LSTM.Builder()
                .nOut(shape.units())
                .activation(Activation.TANH)
                .build();
    }

    private static DataSet batch(Shape shape) {
        Random random = new Random(2);
        INDArray features = TestNetworks.normal(DataType.FLOAT, random, BATCH, INPUTS, shape.time());
        INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, random.nextInt(CLASSES), 1);
        }
        return new DataSet(features, labels);
    }
}
