/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.forgetting.ForgetfulModel;
import org.amend4j.forgetting.ForgetfulSettings;
import org.amend4j.graph.Records;
import org.amend4j.service.RequestOutcome;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A model forgets a person. It learns from fifty people's records, and one person asks to be forgotten. The model is rewound to where that
 * person's influence can be masked by noise. The release is (ε, δ)-close to a model that never saw the person, and comes with a signed
 * certificate.
 */
public final class ForgetSomebody {

    private static final int PEOPLE = 50;
    private static final int RECORDS = 2000;
    private static final int FEATURES = 8;
    private static final long PLANNED_RECORDS = 16_384;
    private static final int STEPS = 100;
    private static final double STEP_SIZE = 1.5;
    private static final String WHO = "17";
    private static final long SEED = 1;

    private ForgetSomebody() {}

    /**
     * The story.
     *
     * @param arguments ignored
     */
    public static void main(String... arguments) throws Exception {
        Path folder = Files.createTempDirectory("amend4j");
        long[] subjects = LongStream.range(0, RECORDS).map(r -> r % PEOPLE).toArray();
        try (ForgetfulModel model = ForgetfulModel.open(
                folder.resolve("model"),
                folder.resolve("keys"),
                network(),
                records(),
                subjects,
                ForgetfulSettings.of(PLANNED_RECORDS, STEPS, STEP_SIZE))) {
            model.train();
            UnlearningPlan plan = model.plan(WHO);
            System.out.println("the ways to forget person " + WHO + ":");
            for (UnlearningMethod way : plan.methods()) {
                System.out.println("  " + way.getClass().getSimpleName() + ", "
                        + way.cost().steps() + " steps");
            }
            model.request(WHO); // on the disk when this returns
            if (model.forget() instanceof RequestOutcome.Released released) {
                System.out.println(released.certificate().claim().title());
            }
            try (var files = Files.list(model.release())) {
                System.out.println("released: "
                        + files.map(file -> String.valueOf(file.getFileName()))
                                .sorted()
                                .toList());
            }
        }
    }

    private static ComputationGraph network() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(FEATURES)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .hasBias(false)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        network.init();
        return network;
    }

    /** Features of norm 1 at most, which is what the certificate's constants rest on. */
    private static Records records() {
        Random random = new Random(SEED);
        INDArray features = Nd4j.zeros(DataType.DOUBLE, RECORDS, FEATURES);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, RECORDS, 2);
        for (int r = 0; r < RECORDS; r++) {
            double sum = 0;
            for (int k = 0; k < FEATURES; k++) {
                double value = (2 * random.nextDouble() - 1) / FEATURES;
                features.putScalar(r, k, value);
                sum += value;
            }
            labels.putScalar(r, sum > 0 ? 1 : 0, 1);
        }
        return Records.of(new DataSet(features, labels));
    }
}
