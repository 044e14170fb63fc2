/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import java.util.Locale;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.Backend;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.training.PlannedTraining;
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
 * An adapter trains on a device: weights and data stay there, and the graph gets the parameters back. {@code auto} takes a card if
 * there is one; {@code emulated} imitates one on the CPU, slowly.
 */
public final class ComputeOnADevice {

    private static final int INPUTS = 64;
    private static final int CLASSES = 10;
    private static final int EXAMPLES = 512;
    private static final int BATCH = 64;
    private static final int STEPS = 40;
    private static final long SEED = 1;

    private ComputeOnADevice() {}

    /**
     * The story.
     *
     * @param arguments auto, cuda, cuda:1 or emulated; auto if there are none
     */
    public static void main(String... arguments) {
        Devices.Wanted wanted = Devices.Wanted.of(arguments.length > 0 ? arguments[0] : "auto");
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network()),
                LoraConfig.of(4, 8).withTrainedInFull("out"),
                new FineTuneConfiguration.Builder().updater(new Adam(1e-2)).build());
        Records data = records();
        Random random = new Random(SEED);
        GraphObjective loss = GraphObjective.of(model.graph(), data);
        System.out.printf(Locale.ROOT, "loss %.4f before%n", loss.value(loss.parameters()));
        try (Devices.Chosen chosen = Devices.open(wanted)) {
            System.out.println(chosen.sentence());
            Backend backend = chosen.machine();
            ProductPrecision precision = backend.precisions().contains(ProductPrecision.TF32)
                    ? ProductPrecision.TF32
                    : ProductPrecision.FP32;
            try (PlannedTraining training =
                    PlannedTraining.of(backend, model.graph(), data, BATCH, Arithmetic.single(precision))) {
                for (int step = 0; step < STEPS; step++) {
                    training.step(random.ints(BATCH, 0, data.size()).toArray());
                }
                training.copyInto(model.graph()); // the same as these steps of fit
            }
        }
        GraphObjective after = GraphObjective.of(model.graph(), data);
        System.out.printf(Locale.ROOT, "loss %.4f after %d steps%n", after.value(after.parameters()), STEPS);
    }

    private static ComputationGraph network() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .updater(new Adam(1e-2))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(INPUTS)
                                .nOut(64)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(64)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        network.init();
        return network;
    }

    /** Ten clouds of points. */
    private static Records records() {
        Random random = new Random(SEED);
        INDArray features = Nd4j.zeros(DataType.FLOAT, EXAMPLES, INPUTS);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, EXAMPLES, CLASSES);
        for (int k = 0; k < EXAMPLES; k++) {
            int label = k % CLASSES;
            for (int i = 0; i < INPUTS; i++) {
                features.putScalar(k, i, (i % CLASSES == label ? 1 : 0) + 0.5 * random.nextGaussian());
            }
            labels.putScalar(k, label, 1);
        }
        return Records.of(new DataSet(features, labels));
    }
}
