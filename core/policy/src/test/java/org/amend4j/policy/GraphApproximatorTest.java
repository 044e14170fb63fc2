/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GraphApproximatorTest {

    private static final InputShape ROW = new InputShape.Row(3);
    private static final InputShape STEP = new InputShape.Sequence(3);

    private static GraphApproximator twoHeads() {
        GraphApproximator network = GraphApproximator.of(Networks.twoHeads(DataType.DOUBLE, 1), ROW);
        ApproximatorLaws.shake(network, 0.3, 2);
        return network;
    }

    private static GraphApproximator convolutional() {
        return GraphApproximator.of(Networks.convolutional(DataType.DOUBLE, 3), Networks.IMAGE);
    }

    private static GraphApproximator recurrent() {
        GraphApproximator network = GraphApproximator.of(Networks.recurrent(DataType.DOUBLE, 4), STEP);
        ApproximatorLaws.shake(network, 0.3, 5);
        return network;
    }

    @Test
    void perceptronWithTwoHeadsHasNumericalGradient() {
        ApproximatorLaws.gradientIsNumericalGradient(twoHeads(), new int[] {3, 4}, 1);
    }

    @Test
    void convolutionalGraphHasNumericalGradient() {
        ApproximatorLaws.gradientIsNumericalGradient(convolutional(), new int[] {5}, 2);
    }

    @Test
    void recurrentGraphHasNumericalGradientOverSequencesOfUnequalLength() {
        ApproximatorLaws.gradientIsNumericalGradient(recurrent(), new int[] {2, 5, 1}, 3);
    }

    @Test
    void adaptedPerceptronHasNumericalGradient() {
        AdaptedModel model = Networks.adapted(Networks.twoHeads(DataType.DOUBLE, 6), 7, "hidden1", "action", "value");
        ApproximatorLaws.gradientIsNumericalGradient(GraphApproximator.of(model.graph(), ROW), new int[] {6}, 4);
    }

    @Test
    void adaptedConvolutionalGraphHasNumericalGradient() {
        AdaptedModel model = Networks.adapted(Networks.convolutional(DataType.DOUBLE, 8), 9, "conv", "action");
        ApproximatorLaws.gradientIsNumericalGradient(
                GraphApproximator.of(model.graph(), Networks.IMAGE), new int[] {4}, 5);
    }

    @Test
    void adaptedRecurrentGraphHasNumericalGradient() {
        AdaptedModel model = Networks.adapted(Networks.recurrent(DataType.DOUBLE, 10), 11, "action", "value");
        GraphApproximator network = GraphApproximator.of(model.graph(), STEP);
        ApproximatorLaws.gradientIsNumericalGradient(network, new int[] {3, 1}, 6);
        ApproximatorLaws.stepperAgreesWithForward(network, new int[] {3, 1, 4}, 1e-12, 7);
    }

    /** Products of few and of many rows may be summed in another order. */
    @Test
    void rowsAreIndependent() {
        ApproximatorLaws.rowsAreIndependent(twoHeads(), 9, 1e-12, 1);
        ApproximatorLaws.rowsAreIndependent(convolutional(), 5, 1e-12, 2);
    }

    @Test
    void stepperComputesWhatWholeSequencesGive() {
        ApproximatorLaws.stepperAgreesWithForward(recurrent(), new int[] {4, 1, 6, 3}, 1e-12, 8);
        ApproximatorLaws.stepperAgreesWithForward(twoHeads(), new int[] {4, 1, 6}, 1e-12, 9);
        ApproximatorLaws.stepperAgreesWithForward(convolutional(), new int[] {2, 3}, 1e-12, 10);
    }

    @Test
    void memoryIsEmptyWhereASequenceBegins() {
        GraphApproximator network = recurrent();
        double[] x = ApproximatorLaws.normal(3, 1);
        double[] fresh = network.forward(x, new int[] {1}).outputs();
        Approximator.Stepper stepper = network.stepper(2);
        double[] two = {x[0], x[1], x[2], x[0], x[1], x[2]};
        stepper.step(two, new int[] {0, 1}, new boolean[] {true, true});
        double[] mixed = stepper.step(two, new int[] {0, 1}, new boolean[] {true, false});
        for (int i = 0; i < 3; i++) {
            assertEquals(fresh[i], mixed[i], 1e-12);
        }
        assertTrue(Math.abs(fresh[0] - mixed[3]) > 1e-6, "the second sequence goes on");
        assertThrows(
                IllegalArgumentException.class, () -> network.stepper(1).step(x, new int[] {0}, new boolean[] {false}));
        assertThrows(
                IllegalArgumentException.class, () -> network.stepper(1).step(x, new int[] {1}, new boolean[] {true}));
    }

    @Test
    void contractHolds() {
        ApproximatorLaws.contractHolds(twoHeads(), 3);
        ApproximatorLaws.contractHolds(recurrent(), 3);
    }

    @Test
    void parametersLiveInTheGraphAndTheBaseNeverMoves() {
        AdaptedModel model = Networks.adapted(Networks.twoHeads(DataType.DOUBLE, 12), 13, "hidden0", "action");
        byte[] before = bytes(model.base().network().params());
        GraphApproximator network = GraphApproximator.of(model.graph(), ROW);
        double[] inputs = ApproximatorLaws.normal(12, 1);
        double[] weights = ApproximatorLaws.normal(12, 2);
        double[] start = network.parameters();
        for (int update = 0; update < 25; update++) {
            double[] gradient = new double[network.dimension()];
            network.forward(inputs, new int[] {4}).backward(weights, gradient);
            double[] theta = network.parameters();
            for (int i = 0; i < theta.length; i++) {
                theta[i] += 0.01 * gradient[i];
            }
            network.setParameters(theta);
            assertArrayEquals(theta, ParameterVectors.of(model.graph()));
        }
        assertTrue(Math.abs(start[0] - network.parameters()[0]) > 1e-6, "the adapter has moved");
        assertArrayEquals(before, bytes(model.base().network().params()));
        model.base().verifyUnchanged();
    }

    private static byte[] bytes(INDArray array) {
        byte[] bytes = new byte[(int) (array.length() * Double.BYTES)];
        array.data().asNio().get(bytes);
        return bytes;
    }

    @Test
    void floatGraphsSayThatTheyAre() {
        GraphApproximator network = GraphApproximator.of(Networks.twoHeads(DataType.FLOAT, 1), ROW);
        assertEquals(Precision.FLOAT, network.precision());
        assertEquals(Precision.DOUBLE, twoHeads().precision());
        double[] theta = network.parameters();
        theta[0] = 1e300;
        assertThrows(IllegalArgumentException.class, () -> network.setParameters(theta));
    }

    private static void assertRefused(String part, ComputationGraph graph, InputShape shape) {
        String sentence = assertThrows(IllegalArgumentException.class, () -> GraphApproximator.of(graph, shape))
                .getMessage();
        assertTrue(sentence.contains(part), sentence);
        assertEquals(1, sentence.lines().count(), sentence);
    }

    @Test
    void graphsThatCannotBePoliciesAreRefusedByName() {
        DenseLayer.Builder head = new DenseLayer.Builder().nIn(3).nOut(2).activation(Activation.IDENTITY);
        assertRefused(
                "'out' has one",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer(
                                "out", new OutputLayer.Builder().nIn(3).nOut(2).build(), "in")
                        .setOutputs("out")),
                ROW);
        assertRefused(
                "'out' has the softmax",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer(
                                "out",
                                new DenseLayer.Builder()
                                        .nIn(3)
                                        .nOut(2)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "in")
                        .setOutputs("out")),
                ROW);
        assertRefused(
                "layer 'out' has dropout",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer("out", head.dropOut(new Dropout(0.5)).build(), "in")
                        .setOutputs("out")),
                ROW);
        assertRefused(
                "layer 'out' has weight noise",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer(
                                "out",
                                new DenseLayer.Builder()
                                        .nIn(3)
                                        .nOut(2)
                                        .activation(Activation.IDENTITY)
                                        .weightNoise(new DropConnect(0.5))
                                        .build(),
                                "in")
                        .setOutputs("out")),
                ROW);
        assertRefused(
                "layer 'norm' normalises with the batch's statistics",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer(
                                "norm",
                                new BatchNormalization.Builder().nIn(3).nOut(3).build(),
                                "in")
                        .addLayer("out", Networks.dense(2, Activation.IDENTITY), "norm")
                        .setOutputs("out")
                        .setInputTypes(InputType.feedForward(3))),
                ROW);
        assertRefused("rows of 4 numbers", Networks.twoHeads(DataType.DOUBLE, 1), new InputShape.Row(4));
        assertRefused(
                "'pool' is not such a layer",
                Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                        .addLayer("lstm", new LSTM.Builder().nOut(2).build(), "in")
                        .addLayer("pool", new GlobalPoolingLayer(), "lstm")
                        .addLayer("out", Networks.dense(2, Activation.IDENTITY), "pool")
                        .setOutputs("out")
                        .setInputTypes(InputType.recurrent(3))),
                STEP);
    }

    @Test
    void adapterDropoutIsRefused() {
        AdaptedModel model = AdaptedModel.attach(
                org.amend4j.model.BaseModel.of(Networks.twoHeads(DataType.DOUBLE, 14)),
                org.amend4j.lora.config.LoraConfig.of(2, 4)
                        .withTargets("hidden0")
                        .withDropout(0.1),
                new org.deeplearning4j.nn.transferlearning.FineTuneConfiguration.Builder().build());
        assertRefused("adapter dropout 0.1", model.graph(), ROW);
    }
}
