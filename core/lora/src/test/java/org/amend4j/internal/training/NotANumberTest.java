/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** One weight that is NaN makes the loss NaN, whatever lies between, so that whoever looks at the loss finds it. */
class NotANumberTest {

    private static final int RECORDS = 6;

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in");
    }

    private static ComputationGraph finished(GraphBuilder builder, String last) {
        ComputationGraph graph = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static ComputationGraph dense(Activation activation, boolean layerNorm) {
        return finished(
                builder()
                        .setInputTypes(InputType.feedForward(4))
                        .addLayer(
                                "dense",
                                new DenseLayer.Builder()
                                        .nOut(8)
                                        .hasLayerNorm(layerNorm)
                                        .activation(activation)
                                        .build(),
                                "in"),
                "dense");
    }

    private static Records pictures(long... shape) {
        Random random = new Random(3);
        return Records.of(new DataSet(
                TestNetworks.normal(DataType.FLOAT, random, shape),
                TestNetworks.oneHot(DataType.FLOAT, random, RECORDS, 2, 0)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {
                "IDENTITY",
                "RELU",
                "RELU6",
                "LEAKYRELU",
                "ELU",
                "SELU",
                "SIGMOID",
                "HARDSIGMOID",
                "TANH",
                "HARDTANH",
                "SOFTPLUS",
                "SOFTSIGN",
                "SWISH",
                "GELU"
            })
    void theLossIsNaNBehindEveryActivation(Activation activation) {
        assertNaN(dense(activation, false), pictures(RECORDS, 4));
    }

    @Test
    void theLossIsNaNBehindALayerNorm() {
        assertNaN(dense(Activation.RELU, true), pictures(RECORDS, 4));
    }

    @Test
    void theLossIsNaNBehindPooling() {
        for (PoolingType type : new PoolingType[] {PoolingType.MAX, PoolingType.AVG}) {
            SubsamplingLayer.PoolingType small =
                    type == PoolingType.MAX ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG;
            ComputationGraph graph = finished(
                    builder()
                            .setInputTypes(InputType.convolutional(6, 6, 2))
                            .addLayer(
                                    "conv",
                                    new ConvolutionLayer.Builder(3, 3)
                                            .nOut(3)
                                            .activation(Activation.RELU)
                                            .build(),
                                    "in")
                            .addLayer(
                                    "pool",
                                    new SubsamplingLayer.Builder(small)
                                            .kernelSize(2, 2)
                                            .stride(1, 1)
                                            .build(),
                                    "conv")
                            .addLayer("global", new GlobalPoolingLayer.Builder(type).build(), "pool"),
                    "global");
            assertNaN(graph, pictures(RECORDS, 2, 6, 6));
        }
    }

    private static void assertNaN(ComputationGraph graph, Records data) {
        try (Machine device = LawMachines.plain();
                PlannedObjective objective = PlannedObjective.of(device, graph, data, PlanSettings.DEFAULT)) {
            double[] theta = objective.parameters();
            double[] gradient = new double[theta.length];
            assertTrue(Double.isFinite(objective.value(theta)));
            theta[3] = Double.NaN;
            assertEquals(Double.NaN, objective.value(theta));
            assertEquals(Double.NaN, objective.valueAndGradient(theta, gradient));
            assertEquals(Double.NaN, gradient[3]);
            PlannedClippedObjective clipped = objective.clipped(Clipping.perRecord(1));
            assertThrows(ArithmeticException.class, () -> clipped.valueAndGradient(theta, gradient));
        }
    }
}
