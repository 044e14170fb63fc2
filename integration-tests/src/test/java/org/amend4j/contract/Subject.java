/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.contract;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.graph.Records;
import org.amend4j.integration.AmendMobileNet;
import org.amend4j.integration.MobileNetProblem;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Networks with data that the laws are tried on. All numbers are floats, also in the double version, so that both are the same
 * function; activations have no kinks, but for MobileNetV2's.
 */
enum Subject {
    MLP(true, true),
    MLP_IN_FULL(false, true),
    RESIDUAL_MLP(true, true),
    PICTURES(true, true),
    MOBILENET_V2(true, false);

    private static final int RECORDS = 23;
    private static final int CLASSES = 4;
    private static final int INPUTS = 20;
    private static final int SIDE = 8;

    private final boolean adapted;
    private final boolean hasDoubles;

    Subject(boolean adapted, boolean hasDoubles) {
        this.adapted = adapted;
        this.hasDoubles = hasDoubles;
    }

    /** Whether parts of it are adapters. */
    boolean isAdapted() {
        return adapted;
    }

    /** Whether it can be computed in double. */
    boolean hasDoubles() {
        return hasDoubles;
    }

    /** An adapted subject, trained by this updater; a new copy. */
    AdaptedModel model(DataType type, IUpdater updater) {
        if (this == MOBILENET_V2) {
            return mobileNet();
        }
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(plain(type)),
                LoraConfig.of(3, 6).withTargets(Targets.names(targets())).withTrainedInFull("out"),
                FineTuneConfiguration.builder().updater(updater).build());
        fill(model.graph(), 0.2);
        return model;
    }

    private static AdaptedModel mobileNet() {
        try {
            return new AmendMobileNet(problem(), 1e-3).model(); // not closed: the model goes on with its arrays
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MobileNetProblem problem() {
        return new MobileNetProblem(2, 32, 1);
    }

    /** A new copy of the graph. */
    ComputationGraph graph(DataType type) {
        return adapted ? model(type, new Sgd(0.1)).graph() : plain(type);
    }

    private String[] targets() {
        return switch (this) {
            case MLP, RESIDUAL_MLP -> new String[] {"first", "second"};
            case PICTURES -> new String[] {"first", "points"};
            default -> throw new IllegalStateException();
        };
    }

    Records data(DataType type) {
        if (this == MOBILENET_V2) {
            return Records.of(problem().pictures());
        }
        long[] shape = this == PICTURES ? new long[] {RECORDS, SIDE, SIDE, 3} : new long[] {RECORDS, INPUTS};
        Random random = new Random(11);
        INDArray labels = Nd4j.zeros(type, RECORDS, CLASSES);
        for (int r = 0; r < RECORDS; r++) {
            labels.putScalar(r, random.nextInt(CLASSES), 1);
        }
        return Records.of(new DataSet(normal(random, 1, shape).castTo(type), labels));
    }

    private static INDArray normal(Random random, double deviation, long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        float[] values = new float[Math.toIntExact(length)];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) (deviation * random.nextGaussian());
        }
        return Nd4j.createFromArray(values).reshape('c', shape);
    }

    private static void fill(ComputationGraph graph, double deviation) {
        INDArray parameters = graph.params();
        parameters.assign(normal(new Random(7), deviation, parameters.shape()).castTo(parameters.dataType()));
    }

    private ComputationGraph plain(DataType type) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in");
        String last = this == PICTURES ? pictures(builder) : dense(builder);
        int width = this == PICTURES ? 6 : 32;
        builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(width)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out");
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        fill(graph, 0.25);
        if (this == PICTURES) {
            INDArray variance = graph.getLayer("norm").getParam("var");
            variance.assign(normal(new Random(3), 0.3, variance.shape()).castTo(type));
            variance.muli(variance).addi(0.5);
            variance.assign(variance.castTo(DataType.FLOAT).castTo(type));
        }
        return graph;
    }

    private String dense(GraphBuilder builder) {
        builder.addLayer("first", layer(INPUTS, 32), "in").addLayer("second", layer(32, 32), "first");
        if (this != RESIDUAL_MLP) {
            return "second";
        }
        builder.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("third", layer(32, 32), "sum")
                .addVertex("again", new ElementWiseVertex(ElementWiseVertex.Op.Add), "sum", "third");
        return "again";
    }

    private static DenseLayer layer(int in, int out) {
        return new DenseLayer.Builder()
                .nIn(in)
                .nOut(out)
                .activation(Activation.TANH)
                .build();
    }

    /** An inverted bottleneck as MobileNet's, without kinks. */
    private static String pictures(GraphBuilder builder) {
        builder.setInputTypes(InputType.convolutional(SIDE, SIDE, 3, CNN2DFormat.NHWC))
                .addLayer("first", convolution(3, 6, 3, Activation.SOFTPLUS), "in")
                .addLayer(
                        "depth",
                        new DepthwiseConvolution2D.Builder(3, 3)
                                .nIn(6)
                                .nOut(6)
                                .convolutionMode(ConvolutionMode.Same)
                                .dataFormat(CNN2DFormat.NHWC)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "first")
                .addLayer(
                        "norm",
                        new BatchNormalization.Builder()
                                .nIn(6)
                                .nOut(6)
                                .useLogStd(false)
                                .dataFormat(CNN2DFormat.NHWC)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "depth")
                .addLayer("points", convolution(6, 6, 1, Activation.TANH), "norm")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "points")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum");
        return "pool";
    }

    private static ConvolutionLayer convolution(int in, int out, int kernel, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nIn(in)
                .nOut(out)
                .convolutionMode(ConvolutionMode.Same)
                .dataFormat(CNN2DFormat.NHWC)
                .activation(activation)
                .build();
    }

    /** All of them that fulfil a condition, on every backend that is tried. */
    static List<Case> cases(java.util.function.Predicate<Subject> condition) {
        List<Case> cases = new ArrayList<>();
        for (Subject subject : values()) {
            for (Backend backend : Backend.tried()) {
                if (condition.test(subject)) {
                    cases.add(new Case(subject, backend));
                }
            }
        }
        return cases;
    }

    record Case(Subject subject, Backend backend) {}
}
