/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
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
 * LoRA on a network of your own. A network learns to tell two moons apart; then the moons turn by a right angle, and an adapter of
 * rank 2 follows them while the network's own weights stay as they are.
 */
public final class AdaptYourNetwork {

    private static final int PRETRAINING = 300;
    private static final int ADAPTING = 300;
    private static final int RANK = 2;
    private static final double ALPHA = 4;
    private static final int EXAMPLES = 400;
    private static final long SEED = 1;

    private AdaptYourNetwork() {}

    /**
     * The story.
     *
     * @param arguments ignored
     */
    public static void main(String... arguments) throws IOException {
        ComputationGraph network = network();
        DataSet before = moons(0);
        DataSet after = moons(Math.PI / 2);
        for (int step = 0; step < PRETRAINING; step++) {
            network.fit(before);
        }
        System.out.printf(
                Locale.ROOT,
                "base: %.3f on the moons, %.3f once they turned%n",
                hits(network, before),
                hits(network, after));

        BaseModel base = BaseModel.of(network); // never changes from here on
        AdaptedModel adapted = AdaptedModel.attach(
                base,
                LoraConfig.of(RANK, ALPHA).withTargets("hidden0", "hidden1"),
                new FineTuneConfiguration.Builder().updater(new Adam(1e-2)).build());
        for (int step = 0; step < ADAPTING; step++) {
            adapted.graph().fit(after);
        }
        System.out.printf(
                Locale.ROOT,
                "adapter: %.3f once they turned, with %d of %d parameters%n",
                hits(adapted.graph(), after),
                adapted.graph().numParams(),
                base.parameterCount());

        Path folder = Files.createTempDirectory("amend4j").resolve("adapter");
        adapted.save(folder);
        AdaptedModel loaded = AdaptedModel.load(
                base,
                folder,
                new FineTuneConfiguration.Builder().updater(new Adam(1e-2)).build());
        ComputationGraph merged = loaded.merge().network(); // plain Deeplearning4j
        System.out.printf(
                Locale.ROOT, "merged: %.3f; base again: %.3f%n", hits(merged, after), hits(base.network(), before));
    }

    private static ComputationGraph network() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .updater(new Adam(1e-2))
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden0", dense(2), "in")
                .addLayer("hidden1", dense(32), "hidden0")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(32)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden1")
                .setOutputs("out")
                .build());
        network.init();
        return network;
    }

    private static DenseLayer dense(int inputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(32)
                .activation(Activation.TANH)
                .build();
    }

    /** Two half moons, each a class, turned by an angle. */
    private static DataSet moons(double angle) {
        Random random = new Random(SEED);
        INDArray features = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 2);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 2);
        for (int k = 0; k < EXAMPLES; k++) {
            int moon = k % 2;
            double t = Math.PI * random.nextDouble();
            double x = (moon == 0 ? Math.cos(t) : 1 - Math.cos(t)) - 0.5 + 0.1 * random.nextGaussian();
            double y = (moon == 0 ? Math.sin(t) : 0.5 - Math.sin(t)) - 0.25 + 0.1 * random.nextGaussian();
            features.putScalar(k, 0, Math.cos(angle) * x - Math.sin(angle) * y);
            features.putScalar(k, 1, Math.sin(angle) * x + Math.cos(angle) * y);
            labels.putScalar(k, moon, 1);
        }
        return new DataSet(features, labels);
    }

    private static double hits(ComputationGraph network, DataSet data) {
        INDArray guesses = network.outputSingle(data.getFeatures()).argMax(1);
        return guesses.eq(data.getLabels().argMax(1))
                .castTo(DataType.DOUBLE)
                .meanNumber()
                .doubleValue();
    }
}
