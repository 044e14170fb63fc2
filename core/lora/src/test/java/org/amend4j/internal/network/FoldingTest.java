/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.testkit.SmallNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Which passes over the numbers folding saves; that it keeps the function is shown where objectives are compared. */
class FoldingTest {

    private static final List<long[]> IMAGES = List.of(new long[] {6, 6, 3});

    @Test
    void frozenNormsActivationsAndPaddingGoIntoConvolutions() {
        Network network = NetworkReader.inference(network(), IMAGES);
        assertEquals(
                List.of("Input", "Product", "Depthwise", "AveragePool", "Product", "Softmax"), operations(network));
    }

    /** The twin: an adapted convolution's norm stays, since B's gradient is before it, and so does what follows the norm. */
    @Test
    void theNormBehindAnAdapterStays() {
        ComputationGraph adapted = SmallNetworks.adapted(
                        network(),
                        LoraConfig.of(1, 1).withTargets(Targets.names("one")).withTrainedInFull("out"))
                .graph();
        Network network = NetworkReader.training(adapted, IMAGES);
        assertEquals(
                List.of("Input", "Product", "Affine", "Elementwise", "Depthwise", "AveragePool", "Product", "Loss"),
                operations(network));
    }

    private static List<String> operations(Network network) {
        return network.nodes().stream()
                .map(node -> node.operation().getClass().getSimpleName())
                .toList();
    }

    private static ComputationGraph network() {
        return initialised(SmallNetworks.builder(DataType.FLOAT, 1)
                .addInputs("in")
                .addLayer(
                        "one",
                        new ConvolutionLayer.Builder(1, 1)
                                .nIn(3)
                                .nOut(4)
                                .dataFormat(CNN2DFormat.NHWC)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "in")
                .addLayer("norm", norm(), "one")
                .addLayer("bounded", new ActivationLayer(Activation.RELU6), "norm")
                .addLayer(
                        "padded",
                        new ZeroPaddingLayer.Builder(1, 1)
                                .dataFormat(CNN2DFormat.NHWC)
                                .build(),
                        "bounded")
                .addLayer(
                        "depth",
                        new DepthwiseConvolution2D.Builder(3, 3)
                                .nIn(4)
                                .nOut(4)
                                .dataFormat(CNN2DFormat.NHWC)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "padded")
                .addLayer("depthNorm", norm(), "depth")
                .addLayer("depthBounded", new ActivationLayer(Activation.RELU6), "depthNorm")
                .addLayer(
                        "pool",
                        new GlobalPoolingLayer.Builder()
                                .poolingType(PoolingType.AVG)
                                .poolingDimensions(1, 2)
                                .build(),
                        "depthBounded")
                .addLayer("out", output(4, 2, LossFunction.MCXENT, Activation.SOFTMAX), "pool")
                .setOutputs("out"));
    }

    private static BatchNormalization norm() {
        return new BatchNormalization.Builder()
                .nIn(4)
                .nOut(4)
                .dataFormat(CNN2DFormat.NHWC)
                .build();
    }
}
