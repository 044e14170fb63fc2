/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.amend4j.cuda.standin.Nd4jStandIn;
import org.amend4j.internal.kernel.LoraKernels;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small adapted network, trained by Deeplearning4j's own {@code fit} on whatever backend ND4J has. Every number that it starts
 * from is given, so that backends can be compared.
 */
final class AdaptedFit {

    private static final int INPUTS = 6;
    private static final int CLASSES = 3;
    private static final int EXAMPLES = 10;
    private static final double STEP_SIZE = 0.1;

    private final AdaptedModel model;
    private final INDArray features;
    private final DataSet data;

    AdaptedFit() {
        BaseModel base = BaseModel.of(network());
        FineTuneConfiguration training = FineTuneConfiguration.builder()
                .updater(new Sgd(STEP_SIZE))
                .seed(1)
                .build();
        model = AdaptedModel.attach(base, LoraConfig.of(2, 4), training);
        ComputationGraph graph = model.graph();
        graph.setParams(numbers(2, 1, (int) graph.numParams()));
        features = numbers(3, EXAMPLES, INPUTS);
        data = new DataSet(features, labels());
    }

    private static ComputationGraph network() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "first",
                        new DenseLayer.Builder()
                                .nOut(8)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer(
                        "second",
                        new DenseLayer.Builder()
                                .nOut(7)
                                .activation(Activation.TANH)
                                .build(),
                        "first")
                .addLayer(
                        "classes",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .setOutputs("classes")
                .setInputTypes(InputType.feedForward(INPUTS))
                .build());
        network.init();
        network.setParams(numbers(1, 1, (int) network.numParams()));
        return network;
    }

    private static INDArray numbers(long seed, int rows, int columns) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        return Nd4j.create(values, new long[] {rows, columns}, 'c');
    }

    private static INDArray labels() {
        float[] values = new float[EXAMPLES * CLASSES];
        for (int i = 0; i < EXAMPLES; i++) {
            values[i * CLASSES + i * i % CLASSES] = 1;
        }
        return Nd4j.create(values, new long[] {EXAMPLES, CLASSES}, 'c');
    }

    /** Trains for some steps on all examples. */
    void steps(int number) {
        for (int i = 0; i < number; i++) {
            model.graph().fit(data);
        }
    }

    /** The adapters' parameters. */
    double[] parameters() {
        return model.graph().params().dup().data().asDouble();
    }

    /** The classes' probabilities, by examples. */
    double[] probabilities() {
        return model.graph().output(features)[0].dup('c').data().asDouble();
    }

    double score() {
        return model.graph().score(data);
    }

    /** Trains and writes what results: parameters, probabilities, and the loss. */
    static double[] trained(int steps) {
        AdaptedFit fit = new AdaptedFit();
        fit.steps(steps);
        double[] parameters = fit.parameters();
        double[] probabilities = fit.probabilities();
        double[] all = new double[parameters.length + probabilities.length + 1];
        System.arraycopy(parameters, 0, all, 0, parameters.length);
        System.arraycopy(probabilities, 0, all, parameters.length, probabilities.length);
        all[all.length - 1] = fit.score();
        return all;
    }

    /**
     * Trains in this process, on the stand-ins if they are wanted.
     *
     * @param arguments a file for the results, and the number of steps
     */
    public static void main(String[] arguments) throws IOException {
        if (Nd4jStandIn.isWanted()) {
            Nd4jStandIn.load();
        }
        double[] numbers = trained(Integer.parseInt(arguments[1]));
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(Path.of(arguments[0])))) {
            out.writeUTF(Nd4j.getBackend().getClass().getSimpleName() + ", kernels "
                    + LoraKernels.available().isPresent());
            for (double number : numbers) {
                out.writeDouble(number);
            }
        }
    }
}
