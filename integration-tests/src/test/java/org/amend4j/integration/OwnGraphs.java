/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A small U-Net and two Inception blocks, with drawn weights and statistics. */
final class OwnGraphs {

    /** Height and width of what they read. */
    static final int SIDE = 12;

    /** Channels of what they read. */
    static final int CHANNELS = 1;

    private static final long SEED = 5;

    private final CNN2DFormat format;
    private final GraphBuilder builder;

    private OwnGraphs(DataType type, CNN2DFormat format) {
        this.format = format;
        this.builder = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .biasInit(0.1)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, CHANNELS, format));
    }

    /** Says of each pixel in the middle, 8 × 8, whether it belongs to a thing. */
    static ComputationGraph unet(DataType type, CNN2DFormat format) {
        OwnGraphs graphs = new OwnGraphs(type, format);
        String last = graphs.unet();
        graphs.convolution("map", last, 1, 1, 1, ConvolutionMode.Truncate, Activation.IDENTITY);
        graphs.builder
                .addLayer(
                        "out",
                        new CnnLossLayer.Builder(LossFunction.XENT)
                                .format(format)
                                .activation(Activation.SIGMOID)
                                .build(),
                        "map")
                .setOutputs("out");
        return graphs.initialised();
    }

    /** The same with one answer for the whole picture, of {@code classes}. */
    static ComputationGraph classifyingUnet(DataType type, CNN2DFormat format, int classes) {
        OwnGraphs graphs = new OwnGraphs(type, format);
        return graphs.classified(graphs.unet(), classes);
    }

    /** Branches of one, three and five pixels and of pooling, side by side, twice. */
    static ComputationGraph inception(DataType type, CNN2DFormat format, int classes) {
        OwnGraphs graphs = new OwnGraphs(type, format);
        graphs.convolution("stem", "in", 4, 3, 1, ConvolutionMode.Same, Activation.TANH);
        String first = graphs.branches("mixed0", "stem");
        graphs.convolution("half", first, 5, 3, 2, ConvolutionMode.Same, Activation.TANH);
        graphs.pooling("halfpool", first, SubsamplingLayer.PoolingType.MAX, 2, 2);
        graphs.builder.addVertex("reduced", new MergeVertex(), "half", "halfpool");
        return graphs.classified(graphs.branches("mixed1", "reduced"), classes);
    }

    private String unet() {
        convolution("down0", "in", 4, 3, 1, ConvolutionMode.Same, Activation.TANH);
        pooling("pool0", "down0", SubsamplingLayer.PoolingType.MAX, 2, 2);
        convolution("down1", "pool0", 6, 3, 1, ConvolutionMode.Same, Activation.IDENTITY);
        norm("norm1", "down1");
        convolution("down2", "norm1", 8, 3, 2, ConvolutionMode.Same, Activation.TANH);
        up("up1", "down2");
        builder.addLayer(
                "pad1",
                new ZeroPaddingLayer.Builder(new int[] {1, 0, 0, 1})
                        .dataFormat(format)
                        .build(),
                "up1");
        convolution("mix1", "pad1", 5, 4, 1, ConvolutionMode.Truncate, Activation.TANH); // 7 × 7 to 4 × 4
        crop("crop1", "norm1", 1);
        builder.addVertex("skip1", new MergeVertex(), "mix1", "crop1");
        convolution("mix2", "skip1", 6, 1, 1, ConvolutionMode.Truncate, Activation.TANH);
        up("up0", "mix2");
        crop("crop0", "down0", 2);
        builder.addVertex("skip0", new MergeVertex(), "up0", "crop0");
        convolution("mix0", "skip0", 4, 3, 1, ConvolutionMode.Same, Activation.TANH);
        return "mix0";
    }

    private String branches(String name, String input) {
        convolution(name + "_1", input, 3, 1, 1, ConvolutionMode.Same, Activation.TANH);
        convolution(name + "_3a", input, 2, 1, 1, ConvolutionMode.Same, Activation.TANH);
        convolution(name + "_3b", name + "_3a", 3, 3, 1, ConvolutionMode.Same, Activation.TANH);
        convolution(name + "_5a", input, 2, 1, 1, ConvolutionMode.Same, Activation.TANH);
        convolution(name + "_5b", name + "_5a", 2, 5, 1, ConvolutionMode.Same, Activation.TANH);
        pooling(name + "_pool", input, SubsamplingLayer.PoolingType.AVG, 3, 1);
        convolution(name + "_p", name + "_pool", 2, 1, 1, ConvolutionMode.Same, Activation.TANH);
        builder.addVertex(name, new MergeVertex(), name + "_1", name + "_3b", name + "_5b", name + "_p");
        norm(name + "_norm", name);
        return name + "_norm";
    }

    private ComputationGraph classified(String last, int classes) {
        int[] images = format == CNN2DFormat.NCHW ? new int[] {2, 3} : new int[] {1, 2};
        builder.addLayer(
                        "mean",
                        new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                .poolingDimensions(images)
                                .build(),
                        last)
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(classes)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "mean")
                .setOutputs("out");
        return initialised();
    }

    private void convolution(
            String name, String input, int outputs, int side, int stride, ConvolutionMode mode, Activation activation) {
        builder.addLayer(
                name,
                new ConvolutionLayer.Builder(side, side)
                        .stride(stride, stride)
                        .convolutionMode(mode)
                        .dataFormat(format)
                        .nOut(outputs)
                        .activation(activation)
                        .build(),
                input);
    }

    private void pooling(String name, String input, SubsamplingLayer.PoolingType type, int side, int stride) {
        builder.addLayer(
                name,
                new SubsamplingLayer.Builder(type, new int[] {side, side}, new int[] {stride, stride})
                        .convolutionMode(ConvolutionMode.Same)
                        .dataFormat(format)
                        .build(),
                input);
    }

    private void norm(String name, String input) {
        builder.addLayer(
                name, new BatchNormalization.Builder().dataFormat(format).build(), input);
    }

    private void up(String name, String input) {
        builder.addLayer(name, new Upsampling2D.Builder(2).dataFormat(format).build(), input);
    }

    private void crop(String name, String input, int edge) {
        builder.addLayer(name, new Cropping2D(format, edge, edge, edge, edge), input);
    }

    private ComputationGraph initialised() {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        Random random = new Random(SEED);
        graph.paramTable().forEach((name, values) -> {
            boolean positive = name.endsWith("_gamma") || name.endsWith("_var");
            if (positive || name.endsWith("_mean") || name.endsWith("_beta")) {
                for (long k = 0; k < values.length(); k++) {
                    values.putScalar(k, positive ? 0.5 + random.nextDouble() : 0.3 * random.nextGaussian());
                }
            }
        });
        return graph;
    }
}
